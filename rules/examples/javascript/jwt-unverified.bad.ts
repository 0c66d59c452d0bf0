import jwt from 'jsonwebtoken';

export function claims(token: string, key: string): unknown[] {
  // secplan-expect
  const first = jwt.verify(token, key, { algorithms: ['HS256', 'none'] });
  // secplan-expect
  const second = jwt.sign({ admin: true }, '', { algorithm: 'none' });
  // secplan-expect
  const third = jwt.verify(token, '');
  return [first, second, third];
}
