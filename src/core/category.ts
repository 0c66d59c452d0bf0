/** Categories of the bundle's reports, spec section 7. */
export const CATEGORIES = [
  'sast',
  'sca',
  'secrets',
  'iac',
  'api',
  'dast',
  'container',
  'kubernetes',
  'cloud',
  'supply-chain',
  'runtime',
  'trust',
  'fuzz',
  'privacy',
  'license',
] as const;
export type Category = (typeof CATEGORIES)[number];
