import crypto from 'node:crypto';

export function hide(key, text) {
  // secplan-expect
  const cipher = crypto.createCipheriv('aes-128-ecb', key, null);
  // secplan-expect
  const old = crypto.createCipheriv('des-ede3-cbc', key, Buffer.alloc(8));
  return cipher.update(text) + old.update(text);
}
