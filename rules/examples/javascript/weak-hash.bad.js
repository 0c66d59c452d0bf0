import crypto, { createHash } from 'node:crypto';

export function digests(data) {
  // secplan-expect
  const first = crypto.createHash('md5').update(data).digest('hex');
  // secplan-expect
  const second = createHash('SHA1').update(data).digest('hex');
  return [first, second];
}
