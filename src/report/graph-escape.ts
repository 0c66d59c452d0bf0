/*
 * Names in a plan come from manifests and locks: foreign text. Each format gets its own way of making it harmless.
 */

// Control characters move a terminal's cursor; these others reorder or hide what is read.
const UNSEEN = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** One line of visible text: what cannot be seen is written as its code point. */
export function visible(text: string): string {
  const safe = text.toWellFormed();
  return safe.replace(UNSEEN, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** At most so many characters, the last of them an ellipsis where some were cut. */
export function shortened(text: string, length: number): string {
  const chars = [...text];
  return chars.length <= length ? text : `${chars.slice(0, length - 1).join('')}…`;
}

/** A quoted string of the DOT language; backslashes doubled, so that no escape sequence can be formed. */
export function dotString(text: string): string {
  return `"${visible(text).replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;
}

/** A quoted Mermaid label: all that is markup there, or to the page around it, as entity codes. */
export function mermaidLabel(text: string): string {
  const safe = visible(text).replace(/[^\p{L}\p{N} ._:/,()+-]/gu, (char) => `#${char.codePointAt(0) ?? 0};`);
  return `"${safe}"`;
}

/** Text and attribute values of XML. */
export function xmlText(text: string): string {
  return visible(text).replace(/[&<>"']/g, (char) => `&#${char.codePointAt(0) ?? 0};`);
}

/** Markdown of GitHub, also in a table cell: no markup, no link, no mention, no HTML. */
export function markdownText(text: string): string {
  return visible(text)
    .replace(/[&<>]/g, (char) => `&#${char.codePointAt(0) ?? 0};`)
    .replace(/[\\`*_[\]#|~$]/g, (char) => `\\${char}`)
    .replace(/^(\s*)([-+=])/, '$1\\$2')
    .replace(/@/g, '&#64;')
    .replace(/:\/\//g, '&#58;//')
    .replace(/www\./gi, (word) => `${word.slice(0, 3)}&#46;`);
}
