/** Groups of its checks, as `--enable` takes them. */
export const CHECKS = [
  'warning',
  'style',
  'performance',
  'portability',
  'information',
  'unusedFunction',
] as const;
