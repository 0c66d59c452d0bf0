import crypto from 'node:crypto';

export function makeToken() {
  return crypto.randomBytes(32).toString('base64url');
}

export function roll() {
  const jitter = Math.random() * 100;
  return jitter;
}
