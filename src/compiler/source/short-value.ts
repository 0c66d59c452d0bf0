const LONGEST = 60;
/** Keys below which values may be secrets, whatever the user meant. */
const SENSITIVE = /^\/secrets(\/|$)|\/(env|auth|token|password|secret|secretKey|accessKey|slack|key)(\/|$)/i;

/** Whether what stands at a pointer could be a secret and is not to be repeated. */
export function isSensitive(pointer: string): boolean {
  return SENSITIVE.test(pointer);
}

/** A value as short text for a diagnostic; undefined where it could be a secret's. */
export function shortValue(value: unknown, pointer: string): string | undefined {
  if (isSensitive(pointer)) return undefined;
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** The type of a value in the words of the manifest's schema. */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? 'text' : `a ${typeof value}`;
}
