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
  return isInOrder(value) ? JSON.stringify(value) : written(value);
}

/** The same value with the keys of its objects in order: what is written often is then written quickly. */
export function inOrder<T>(value: T): T {
  if (isInOrder(value) || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => inOrder(item)) as T;
  const entries = sortedKeys(value).map((key) => [key, inOrder(value[key as keyof T])] as const);
  return Object.fromEntries(entries) as T;
}

/**
 * Whether JSON.stringify writes a value's canonical form: all keys in order, and nothing that is no JSON. Most values
 * are made so, and V8 writes them several times as fast as any code of ours.
 */
function isInOrder(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      if (value === null) return true;
      if (!Array.isArray(value)) return hasKeysInOrder(value as Record<string, unknown>);
      // By index: a hole is no JSON, and `every` would pass over it.
      for (let index = 0; index < value.length; index += 1) if (!isInOrder(value[index])) return false;
      return true;
    default:
      return false;
  }
}

function hasKeysInOrder(members: Record<string, unknown>): boolean {
  // A date, a map and the like say themselves how JSON.stringify writes them, or are not written as their members.
  const prototype: unknown = Object.getPrototypeOf(members);
  if (prototype !== Object.prototype && prototype !== null) return false;
  let before: string | undefined;
  for (const key in members) {
    if (before !== undefined && before > key) return false;
    const value = members[key];
    if (!key.isWellFormed() || (value !== undefined && !isInOrder(value))) return false;
    before = key;
  }
  return true;
}

function written(value: unknown): string {
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
  for (const value of values) text += text === '' ? written(value) : `,${written(value)}`;
  return `[${text}]`;
}

function record(members: Record<string, unknown>): string {
  let text = '';
  for (const key of sortedKeys(members)) {
    const value = members[key];
    if (value === undefined) continue;
    text += `${text === '' ? '' : ','}${quoted(key)}:${written(value)}`;
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
