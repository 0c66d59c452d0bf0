/** Joins keys and indexes to a JSON pointer (RFC 6901). */
export function pointer(...keys: readonly (string | number)[]): string {
  return keys.map((key) => `/${escapeKey(String(key))}`).join('');
}

/** The keys of a JSON pointer, unescaped. */
export function pointerKeys(text: string): string[] {
  if (text === '') return [];
  return text
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The pointer of what holds the value; of the whole document, itself. */
export function parentPointer(text: string): string {
  return text.slice(0, Math.max(0, text.lastIndexOf('/')));
}

export function escapeKey(key: string): string {
  return key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}

/** Whether a pointer is another or lies below it. */
export function isWithin(pointer: string, holder: string): boolean {
  return pointer === holder || pointer.startsWith(`${holder}/`);
}
