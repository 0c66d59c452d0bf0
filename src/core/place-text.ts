import type { AffectedPackage, Span } from './finding.ts';

/** `app/x.py:12`; the path alone where the line is not known. */
export function spanText({ path, startLine }: Span): string {
  return startLine === undefined ? path : `${path}:${startLine}`;
}

/** `lodash@4.17.20`; the name alone where the version is not known. */
export function packageText({ name, version }: AffectedPackage): string {
  return version === undefined ? name : `${name}@${version}`;
}
