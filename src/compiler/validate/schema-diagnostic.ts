import type { DiagnosticCode } from '../../core/codes.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { escapeKey, pointerKeys } from '../source/pointer.ts';
import { shortValue, typeName } from '../source/short-value.ts';
import type { SourceTree } from '../source/source-tree.ts';
import { keySchemas, type Schema, schemasAt } from './schema-at.ts';
import type { SchemaError } from './validate.gen.js';

type Details = Omit<Partial<Diagnostic>, 'code' | 'level' | 'summary'>;

const TYPES: Readonly<Record<string, string>> = {
  object: 'mapping',
  array: 'list',
  string: 'text',
  integer: 'whole number',
};

/** Turns one error of the validator into a diagnostic: place, offending value, what is allowed, what was likely meant. */
export function schemaDiagnostic(error: SchemaError, tree: SourceTree, root: string): Diagnostic {
  const schemas = schemasAt(error.instancePath, root);
  const key = error.propertyName ?? error.params.additionalProperty;
  return typeof key === 'string' ? ofKey(error, key, schemas, tree) : ofValue(error, schemas, tree);
}

function ofKey(
  { instancePath: at, keyword, params }: SchemaError,
  key: string,
  schemas: readonly Schema[],
  tree: SourceTree,
): Diagnostic {
  const pointer = `${at}/${escapeKey(key)}`;
  const place = tree.keyPlace(pointer) ?? tree.place(at);
  const where = { pointer, ...(place ? { place } : {}) };
  if (keyword === 'additionalProperties') {
    const allowed = allowedKeys(schemas);
    return diagnostic('SP2001', `unknown key ${quoted(key)}${inside(at)}`, {
      ...where,
      allowed,
      ...suggestion(key, allowed),
      ...sharingHelp(key),
    });
  }
  const allowed =
    keyword === 'enum' ? texts(params.allowedValues) : forms(keySchemas(schemas), params.pattern);
  const code = keyword === 'enum' ? 'SP2004' : 'SP2005';
  return diagnostic(code, `key ${quoted(key)} is not allowed${inside(at)}`, {
    ...where,
    allowed,
    ...suggestion(key, keyword === 'enum' ? allowed : []),
  });
}

/** For keys by which people share a block in other YAML files; YAML 1.2 has no merge key. */
function sharingHelp(key: string): { readonly help?: string } {
  if (key === '<<')
    return {
      help: 'Merge keys are not supported. Write the keys out, or share the whole value with an alias: `b: *a`.',
    };
  if (key.startsWith('x-'))
    return {
      help: 'Define a shared block where it is used first (`a: &a {…}`), and use it again with `b: *a`.',
    };
  return {};
}

function ofValue(error: SchemaError, schemas: readonly Schema[], tree: SourceTree): Diagnostic {
  const { instancePath: pointer, params } = error;
  const value = valueAt(tree.value, pointer);
  const place = tree.place(pointer);
  const text = shortValue(value, pointer);
  const common = { pointer, ...(place ? { place } : {}) };
  const withValue = { ...common, ...(text === undefined ? {} : { value: text }) };
  const name = nameOf(pointer);
  switch (error.keyword) {
    case 'type': {
      const wanted = TYPES[String(params.type)] ?? String(params.type);
      return diagnostic('SP2002', `${name} is ${typeName(value)}`, { ...withValue, allowed: [wanted] });
    }
    case 'required': {
      const summary = `${quoted(String(params.missingProperty))} is missing${inside(pointer)}`;
      return diagnostic('SP2003', summary, common);
    }
    case 'oneOf':
    case 'anyOf':
      return ofChoice(error, schemas, { common, withValue });
    case 'enum': {
      const allowed = texts(params.allowedValues);
      const code = pointer === '/apiVersion' ? 'SP2019' : 'SP2004';
      return diagnostic(code, `${name} is not an allowed value`, {
        ...withValue,
        allowed,
        ...(typeof value === 'string' ? suggestion(value, allowed) : {}),
      });
    }
    case 'pattern':
      return ofPattern(error, schemas, { common, withValue });
    default:
      return diagnostic('SP2005', `${name} ${error.message ?? 'is out of bounds'}`, withValue);
  }
}

/** What every diagnostic of a value says, without and with the value itself. */
interface Common {
  readonly common: Details;
  readonly withValue: Details;
}

function ofChoice(
  { instancePath: pointer, params }: SchemaError,
  schemas: readonly Schema[],
  { common, withValue }: Common,
): Diagnostic {
  const keys = choiceKeys(schemas);
  if (keys.length === 0) {
    return diagnostic('SP2002', `${nameOf(pointer)} matches none of the allowed forms`, {
      ...withValue,
      allowed: schemas.flatMap((schema) => (schema.description ? [schema.description] : [])).slice(0, 1),
    });
  }
  const both = Array.isArray(params.passingSchemas);
  return both
    ? diagnostic('SP2005', `only one of ${keys.join(', ')} may be given${inside(pointer)}`, common)
    : diagnostic('SP2003', `one of ${keys.join(', ')} is missing${inside(pointer)}`, common);
}

function ofPattern(
  { instancePath: pointer, params }: SchemaError,
  schemas: readonly Schema[],
  { common, withValue }: Common,
): Diagnostic {
  const code = patternCode(pointer, schemas);
  const allowed = forms(schemas, params.pattern);
  if (code !== 'SP2015')
    return diagnostic(code, `${nameOf(pointer)} does not match the required form`, { ...withValue, allowed });
  return diagnostic(code, `${nameOf(pointer)} does not name a source or secret`, {
    ...common,
    allowed,
    help: 'Do not write a secret value into the manifest: name its source.',
  });
}

/** What looks like a literal where a secret's name or source belongs is one; the value is not repeated. */
function patternCode(pointer: string, schemas: readonly Schema[]): DiagnosticCode {
  if (/^\/policy\/waivers\/[0-9]+\/expires$/.test(pointer)) return 'SP2017';
  const secret = schemas.some((s) => s.$ref === '#/$defs/secretName' || s.$ref === '#/$defs/secretSource');
  return secret ? 'SP2015' : 'SP2005';
}

/** Keys that a mapping may have under its schemas. */
export function allowedKeys(schemas: readonly Schema[]): string[] {
  return [
    ...new Set(
      schemas.filter((s) => s.additionalProperties === false).flatMap((s) => Object.keys(s.properties ?? {})),
    ),
  ].sort();
}

function choiceKeys(schemas: readonly Schema[]): string[] {
  return schemas.flatMap((schema) =>
    [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].flatMap((branch) =>
      branch.type === undefined ? (branch.required ?? []) : [],
    ),
  );
}

function forms(schemas: readonly Schema[], pattern: unknown): string[] {
  const described = schemas.find((schema) => schema.pattern === pattern && schema.description !== undefined);
  return described?.description === undefined ? [] : [described.description];
}

function suggestion(text: string, candidates: readonly string[]): { didYouMean?: string } {
  const found = didYouMean(text, candidates);
  return found === undefined ? {} : { didYouMean: found };
}

function texts(values: unknown): string[] {
  return Array.isArray(values) ? values.map(String) : [];
}

function nameOf(pointer: string): string {
  return pointer === '' ? 'the manifest' : pointerKeys(pointer).map(shortKey).join('.');
}

function inside(pointer: string): string {
  return pointer === '' ? '' : ` in ${nameOf(pointer)}`;
}

function shortKey(key: string): string {
  return key.length > 60 ? `${key.slice(0, 60)}…` : key;
}

function quoted(key: string): string {
  return JSON.stringify(shortKey(key));
}

function valueAt(root: unknown, pointer: string): unknown {
  let at = root;
  for (const key of pointerKeys(pointer)) at = (at as Record<string, unknown> | undefined)?.[key];
  return at;
}
