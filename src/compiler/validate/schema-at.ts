import { pointerKeys } from '../source/pointer.ts';
import { schemaText } from './validate.gen.js';

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly propertyNames?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly $defs?: Readonly<Record<string, Schema>>;
}

let parsed: Schema | undefined;

/** Every schema that speaks of the value at a JSON pointer, starting from the manifest's or a definition's root. */
export function schemasAt(pointer: string, root = '#'): readonly Schema[] {
  parsed ??= JSON.parse(schemaText) as Schema;
  let here = expand({ $ref: root }, parsed);
  for (const key of pointerKeys(pointer)) {
    const top = parsed;
    here = here.flatMap((schema) => step(schema, key).flatMap((next) => expand(next, top)));
  }
  return here;
}

/** Schemas that a schema's keys must satisfy. */
export function keySchemas(schemas: readonly Schema[]): readonly Schema[] {
  const top = parsed;
  if (top === undefined) return [];
  return schemas.flatMap((schema) => (schema.propertyNames ? expand(schema.propertyNames, top) : []));
}

function step(schema: Schema, key: string): Schema[] {
  if (schema.properties && Object.hasOwn(schema.properties, key)) {
    const property = schema.properties[key];
    return property ? [property] : [];
  }
  if (schema.items && /^[0-9]+$/.test(key)) return [schema.items];
  return typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
}

function expand(schema: Schema, top: Schema): Schema[] {
  const found = [schema];
  if (schema.$ref !== undefined) found.push(...expand(dereference(schema.$ref, top), top));
  for (const branch of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) found.push(...expand(branch, top));
  return found;
}

function dereference(ref: string, top: Schema): Schema {
  let at: unknown = top;
  for (const key of pointerKeys(ref.slice(1))) at = (at as Record<string, unknown> | undefined)?.[key];
  return (at ?? {}) as Schema;
}
