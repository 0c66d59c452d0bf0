/** Those of its scanners that look at an image. */
export const SCANNERS = ['vuln', 'secret', 'license'] as const;
