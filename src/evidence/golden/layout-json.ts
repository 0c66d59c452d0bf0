import { byCodeUnit, canonicalJson } from '../../core/canonical.ts';

const LINE = 120;

/** JSON with sorted members for people to read and for line-wise diffs: what fits on a line of 120 characters stays on one. */
export function layoutJson(value: unknown, indent = ''): string {
  const inline = canonicalJson(value);
  if (value === null || typeof value !== 'object' || indent.length + inline.length <= LINE) return inline;
  const inner = `${indent} `;
  const lines = Array.isArray(value)
    ? value.map((item) => `${inner}${layoutJson(item, inner)}`)
    : Object.entries(value)
        .sort(([a], [b]) => byCodeUnit(a, b))
        .map(([key, member]) => `${inner}${canonicalJson(key)}: ${layoutJson(member, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}
