import { hash } from 'node:crypto';
import { type Digest, digestOfHex } from './ids.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * RFC 8785 (JSON Canonicalization Scheme): no white space, keys sorted by UTF-16 code unit, numbers as
 * ECMAScript prints them. `undefined` members are left out, as JSON.stringify does.
 * Iterative where depth matters is not needed: callers' documents are depth-limited.
 * @throws TypeError on a number that is not finite, a lone surrogate, or a value that is not JSON.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError('canonical JSON holds finite numbers only');
      return JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? list(value) : record(value as Record<string, unknown>);
    default:
      throw new TypeError(`not JSON: ${typeof value}`);
  }
}

// Plain loops: a plan of 100,000 stages is 100 MB of this, and lists of members cost more than their text.
function list(values: readonly unknown[]): string {
  let text = '';
  for (const value of values) text += text === '' ? canonicalJson(value) : `,${canonicalJson(value)}`;
  return `[${text}]`;
}

function record(members: Record<string, unknown>): string {
  let text = '';
  for (const key of sortedKeys(members)) {
    const value = members[key];
    if (value === undefined) continue;
    text += `${text === '' ? '' : ','}${quoted(key)}:${canonicalJson(value)}`;
  }
  return `{${text}}`;
}

/** Own keys by code unit; most objects have them in order already. */
function sortedKeys(members: object): readonly string[] {
  const keys = Object.keys(members);
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index - 1] ?? '') > (keys[index] ?? '')) return keys.sort(byCodeUnit);
  }
  return keys;
}

// Neither a quote, a backslash, a control character nor half a surrogate pair: stands for itself.
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\ud7ff\ue000-\uffff]*$/;

function quoted(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError('canonical JSON holds well-formed strings only');
  return JSON.stringify(text);
}

/** Orders by UTF-16 code unit, never by locale: the one order of everything that secplan writes. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

/** sha256 of bytes, or of the canonical JSON of a value; a text is taken as its UTF-8 bytes. */
export function digestOf(data: string | Uint8Array): Digest {
  return digestOfHex(sha256Hex(data));
}

/** sha256 of a value's canonical JSON. */
export function digestOfJson(value: unknown): Digest {
  return digestOf(canonicalJson(value));
}
