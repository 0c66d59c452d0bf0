import { didYouMean } from '../../core/did-you-mean.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Manifest } from '../manifest.gen.ts';
import type { Repair } from '../model/resolvable-manifest.ts';
import { CUSTOM_TOOLS } from '../names/custom-tools.ts';
import { LIMITS } from '../source/limits.ts';
import { escapeKey, pointerKeys } from '../source/pointer.ts';
import { reduceChoices } from './reduce-choices.ts';
import { schemasAt } from './schema-at.ts';
import { allowedKeys } from './schema-diagnostic.ts';
import { type SchemaError, validateManifest } from './validate.gen.js';
import { isFit } from './validate.ts';

/** What is left of a manifest without the parts that its schema refuses. Only for finding further errors. */
export interface Repaired extends Repair {
  readonly manifest: Manifest;
}

/** Each round mends what the one before uncovered. */
const MOST_ROUNDS = 12;
const WHOLE: Readonly<Record<string, unknown>> = {
  apiVersion: 'secplan/v1',
  metadata: { name: 'manifest' },
};

type Mend =
  | { readonly kind: 'remove' }
  | { readonly kind: 'replace'; readonly value: unknown }
  | { readonly kind: 'rename'; readonly to: string };

/**
 * Takes out of a manifest what its schema refuses, until it holds: an unknown key that is nearly a known one counts as that
 * one, and what other parts refer to by name keeps its name, so that later checks report no errors that only follow.
 * @returns undefined where too little is left to go on with
 */
export function repair(value: unknown): Repaired | undefined {
  if (isRecord(value) && value.apiVersion !== undefined && value.apiVersion !== WHOLE.apiVersion)
    return undefined;
  if (!isFit(value)) return undefined;
  let now = value;
  const origins = new Origins();
  const lost = new Set<string>();
  const removed = new Set<string>();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (validateManifest(now)) {
      const root = now;
      return {
        manifest: root as Manifest,
        original: (at) => origins.original(root, at),
        lost: [...lost],
        removed: [...removed],
      };
    }
    const errors = reduceChoices((validateManifest.errors ?? []).slice(0, 10 * LIMITS.diagnostics));
    const mends = new Map<string, Mend>();
    for (const error of errors) {
      const [at, mend] = mendOf(error, now, round > 0);
      mends.set(at, mend);
      if (mend.kind === 'rename') continue;
      lost.add(origins.original(now, at));
      if (mend.kind === 'remove') removed.add(origins.original(now, at));
    }
    now = rebuilt(now, '', mends, origins);
  }
  return undefined;
}

/** What to do about one error; a name that was kept and fails again goes. */
function mendOf(error: SchemaError, root: unknown, again: boolean): readonly [at: string, mend: Mend] {
  const at = error.instancePath;
  const key = error.propertyName ?? error.params.additionalProperty;
  if (typeof key === 'string') {
    const pointer = `${at}/${escapeKey(key)}`;
    const meant =
      error.keyword === 'additionalProperties' ? didYouMean(key, allowedKeys(schemasAt(at))) : undefined;
    const holder = valueAt(root, at);
    const free = meant !== undefined && isRecord(holder) && !Object.hasOwn(holder, meant);
    return [pointer, free ? { kind: 'rename', to: meant } : { kind: 'remove' }];
  }
  if (at === '') return ['', { kind: 'replace', value: wholeManifest(root) }];
  const stub = stubFor(pointerKeys(at));
  const known = again && JSON.stringify(valueAt(root, at)) === JSON.stringify(stub);
  return [at, stub === undefined || known ? { kind: 'remove' } : { kind: 'replace', value: stub }];
}

function wholeManifest(root: unknown): unknown {
  return isRecord(root) ? { ...WHOLE, ...root } : WHOLE;
}

/** The least that keeps a name which other parts refer to. */
function stubFor(keys: readonly string[]): unknown {
  const [section, second, third] = keys;
  if (keys.length === 2 && section === 'secrets') return 'env:SECRET';
  if (keys.length === 2 && (section === 'profiles' || (section === 'tools' && second !== CUSTOM_TOOLS)))
    return {};
  if (keys.length !== 3 || third === undefined) return undefined;
  if (section === 'tools' && second === CUSTOM_TOOLS) return { command: ['true'], report: 'sarif' };
  return section === 'stack' && second === 'services' ? { image: 'image' } : undefined;
}

function rebuilt(value: unknown, at: string, mends: ReadonlyMap<string, Mend>, origins: Origins): unknown {
  const own = mends.get(at);
  if (own?.kind === 'replace') return own.value;
  if (Array.isArray(value)) {
    const kept = [...value.keys()].filter((index) => mends.get(`${at}/${index}`)?.kind !== 'remove');
    const items = kept.map((index) => rebuilt(value[index], `${at}/${index}`, mends, origins));
    origins.keep(items, value, kept.map(String).entries());
    return items;
  }
  if (!isRecord(value)) return value;
  const names: [string, string][] = [];
  const members: [string, unknown][] = [];
  for (const [key, item] of Object.entries(value)) {
    const pointer = `${at}/${escapeKey(key)}`;
    const mend = mends.get(pointer);
    if (mend?.kind === 'remove') continue;
    const name = mend?.kind === 'rename' ? mend.to : key;
    names.push([name, key]);
    members.push([name, rebuilt(item, pointer, mends, origins)]);
  }
  const made = Object.fromEntries(members);
  origins.keep(made, value, names);
  return made;
}

/** The key that each member of a rebuilt value has in the manifest as it is written. */
class Origins {
  readonly #keys = new WeakMap<object, ReadonlyMap<string, string>>();

  keep(made: object, from: object, names: Iterable<readonly [string | number, string]>): void {
    const before = this.#keys.get(from);
    this.#keys.set(
      made,
      new Map([...names].map(([name, key]) => [String(name), before?.get(key) ?? key] as const)),
    );
  }

  original(root: unknown, pointer: string): string {
    let at = root;
    let written = '';
    for (const key of pointerKeys(pointer)) {
      const known = typeof at === 'object' && at !== null ? this.#keys.get(at)?.get(key) : undefined;
      written += `/${escapeKey(known ?? key)}`;
      at = memberOf(at, key);
    }
    return written;
  }
}

function valueAt(root: unknown, pointer: string): unknown {
  return pointerKeys(pointer).reduce(memberOf, root);
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
