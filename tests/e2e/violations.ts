import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from '../../src/core/is-record.ts';

type Json = Readonly<Record<string, unknown>>;

const FOREIGN: Readonly<Record<string, string>> = {
  'https://spdx.org/schema/spdx-2.3': 'schema/spdx-2.3.schema.json',
  'https://json.schemastore.org/sarif-2.1.0.json': 'dist/schemas/sarif-2.1.0.json',
  'http://cyclonedx.org/schema/bom-1.6.schema.json': 'dist/schemas/cyclonedx-bom-1.6.json',
};

/**
 * Plants one violation after the other in a document that holds: each member that its schema requires removed, each
 * member of a closed object set to another type, an unknown member added. Tells how many there were and which the
 * validator let through. Follows `properties`, `items` and references, not choices: what stands behind those is not
 * counted.
 */
export function violations(
  value: unknown,
  schemaId: string,
  root: string,
  refused: (broken: unknown) => boolean,
): { readonly planted: number; readonly missed: readonly string[] } {
  const own = /^https:\/\/secplan\.dev\/schema\/([a-z-]+)\/v1$/.exec(schemaId)?.[1];
  const file = own === undefined ? FOREIGN[schemaId]! : `schema/${own}.schema.json`;
  const schema = JSON.parse(readFileSync(join(root, file), 'utf8')) as Json;
  const seen = new Set<string>();
  const missed: string[] = [];
  const document = structuredClone(value) as Record<string, unknown>;

  function attempt(what: string, target: Record<string, unknown>, key: string, planted: unknown): void {
    // Every place of the schema once: items of one array are alike.
    if (seen.has(what)) return;
    seen.add(what);
    const [had, old] = [Object.hasOwn(target, key), target[key]];
    if (planted === undefined) delete target[key];
    else target[key] = planted;
    if (!refused(document)) missed.push(what);
    if (had) target[key] = old;
    else delete target[key];
  }

  function visit(at: string, here: unknown, part: unknown): void {
    const { properties, required, items, additionalProperties } = resolved(part);
    if (Array.isArray(here)) {
      for (const item of here.slice(0, 5)) visit(`${at}/*`, item, items);
      return;
    }
    if (!isRecord(here)) return;
    for (const key of (required as string[] | undefined) ?? [])
      attempt(`${at}/${key} removed`, here, key, undefined);
    if (isRecord(additionalProperties)) {
      for (const key of Object.keys(here).slice(0, 3)) visit(`${at}/{}`, here[key], additionalProperties);
    }
    if (additionalProperties === false) attempt(`${at} with an unknown member`, here, 'plantedByTest', 1);
    for (const [key, member] of Object.entries((properties as Json | undefined) ?? {})) {
      if (!Object.hasOwn(here, key)) continue;
      if (additionalProperties === false) attempt(`${at}/${key} of another type`, here, key, [[['planted']]]);
      visit(`${at}/${key}`, here[key], member);
    }
  }

  function resolved(part: unknown): Json {
    if (!isRecord(part)) return {};
    const target = part.$ref;
    if (typeof target !== 'string' || !target.startsWith('#/')) return part;
    return resolved(
      target
        .slice(2)
        .split('/')
        .reduce<unknown>((node, key) => (isRecord(node) ? node[key] : undefined), schema),
    );
  }

  visit('', document, schema);
  return { planted: seen.size, missed };
}
