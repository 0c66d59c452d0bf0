/** Its scanners, as `--scanners` takes them. */
export const SCANNERS = ['vuln', 'misconfig', 'secret', 'license'] as const;
