/** A JSON value whose texts lost the values of secrets; before it is written as JSON, where an escaped one is not known again. */
export function redactedDeep(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redactedDeep(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redactedDeep(item, redact)]));
}
