import crypto from 'node:crypto';

export function digest(data, salt) {
  return [crypto.createHash('sha256').update(data).digest('hex'), crypto.scryptSync(data, salt, 32)];
}
