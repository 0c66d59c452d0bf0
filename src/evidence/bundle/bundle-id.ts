/** `<yyyymmdd-hhmmss UTC>-<7 of the git sha | nogit>`; `at` is milliseconds since the epoch. */
export function bundleId(at: number, gitSha: string | null): string {
  const stamp = new Date(at).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${gitSha === null ? 'nogit' : gitSha.slice(0, 7)}`;
}

/** Whether a text can name a bundle: one path segment, nothing hidden. */
export function isBundleId(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(text) && text !== 'latest';
}
