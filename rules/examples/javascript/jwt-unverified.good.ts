import jwt from 'jsonwebtoken';

export function claims(token: string, key: string): unknown {
  return jwt.verify(token, key, { algorithms: ['RS256'], issuer: 'https://id.example.org' });
}
