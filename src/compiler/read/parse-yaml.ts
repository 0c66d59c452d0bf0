import {
  type Alias,
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  Parser,
  type Scalar,
  type YAMLError,
} from 'yaml';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { LIMITS } from '../source/limits.ts';
import { pointerKeys } from '../source/pointer.ts';
import type { SourceTree } from '../source/source-tree.ts';
import { textPlaces } from '../source/text-places.ts';

class YamlFault extends Error {
  readonly code: 'SP1004' | 'SP1005' | 'SP1006';
  readonly offset: number;
  constructor(code: YamlFault['code'], offset: number, message: string) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}

/**
 * Parses one YAML 1.2 document with the core schema: string keys, no tag that has no JSON value, at most 64 levels and
 * 100 resolved aliases. Places point through an alias at what it stands for.
 */
export function parseYaml(file: string, text: string): Outcome<SourceTree> {
  const at = textPlaces(file, text);
  const fail = (code: 'SP1004' | 'SP1005' | 'SP1006' | 'SP1007', offset = 0, message: string) =>
    diagnostic(code, message, { place: at(offset) });
  try {
    const tokens = [...boundedTokens(text)];
    const composer = new Composer({
      version: '1.2',
      schema: 'core',
      stringKeys: true,
      // Looked for below: the parser compares every key with every other.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
      resolveKnownTags: false,
    });
    const documents = composer.compose(tokens, true, text.length);
    const first = documents.next().value;
    const second = documents.next().value;
    if (!first || second) {
      return failed([fail('SP1006', second?.range?.[0] ?? 0, 'a manifest is one YAML document')]);
    }
    const errors = [...first.errors, ...first.warnings];
    if (errors.length > 0) {
      return failed(errors.slice(0, LIMITS.diagnostics).map((error) => yamlDiagnostic(error, fail)));
    }
    const twice = duplicateKeys(first.contents);
    if (twice.length > 0) {
      return failed(
        twice.map((key) => fail('SP1007', key.range[0], `key ${JSON.stringify(key.value)} appears twice`)),
      );
    }
    const targets = aliasTargets(first as Document);
    return success({
      value: new Conversion(targets).value(first.contents, 0),
      place: (pointer) => {
        const node = locate(first.contents, pointer, targets).value;
        if (pointer === '') return at(node?.range?.[0] ?? 0);
        return node?.range ? at(node.range[0]) : undefined;
      },
      keyPlace: (pointer) => {
        const { key, value } = locate(first.contents, pointer, targets);
        const node = key ?? value;
        return node?.range ? at(node.range[0]) : undefined;
      },
    });
  } catch (error) {
    if (error instanceof YamlFault) return failed([fail(error.code, error.offset, error.message)]);
    // The composer is recursive: what the token check let through may still be too deep for it.
    if (error instanceof RangeError) return failed([fail('SP1004', 0, 'nested too deep')]);
    throw error;
  }
}

function yamlDiagnostic(
  error: YAMLError,
  fail: (code: 'SP1006', offset: number, message: string) => Diagnostic,
): Diagnostic {
  return fail('SP1006', error.pos[0], firstLine(error.message));
}

/** Second and later keys of one name in one mapping, in the order of the document. */
function duplicateKeys(root: unknown): (Scalar & { readonly range: readonly number[] })[] {
  const found: Scalar[] = [];
  const visit = (node: unknown): void => {
    if (isSeq(node)) for (const item of node.items) visit(item);
    if (!isMap(node)) return;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      const name = keyText(key);
      if (isScalar(key) && seen.has(name) && found.length < LIMITS.diagnostics) found.push(key);
      seen.add(name);
      visit(value);
    }
  };
  visit(root);
  return found as (Scalar & { readonly range: readonly number[] })[];
}

function firstLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

interface TokenLike {
  readonly type: string;
  readonly offset?: number;
  readonly items?: readonly { readonly key?: TokenLike | null; readonly value?: TokenLike | null }[];
  readonly value?: TokenLike | string;
}

/** The parser keeps its own stack; what comes after it recurses, so depth is checked on its tokens. */
function* boundedTokens(text: string) {
  // Such a run is nested too deep wherever it stands; seen here, it costs nothing.
  const run = /(?:[[{]\s*|[-?]\s+){1000}/.exec(text);
  if (run) throw new YamlFault('SP1004', run.index, `nested deeper than ${LIMITS.depth} levels`);
  let aliases = 0;
  for (const token of new Parser().parse(text)) {
    const open: [TokenLike, number][] = [[token as TokenLike, 0]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [part, depth] = next;
      if (part.type === 'alias' && ++aliases > LIMITS.aliases) {
        throw new YamlFault('SP1005', part.offset ?? 0, `more than ${LIMITS.aliases} aliases`);
      }
      if (depth > LIMITS.depth) {
        throw new YamlFault('SP1004', part.offset ?? 0, `nested deeper than ${LIMITS.depth} levels`);
      }
      if (part.type === 'document' && typeof part.value === 'object') open.push([part.value, depth]);
      for (const item of part.items ?? []) {
        if (item.key) open.push([item.key, depth + 1]);
        if (item.value) open.push([item.value, depth + 1]);
      }
    }
    yield token;
  }
}

/** What each alias stands for: the nearest anchor of its name before it, in the order of the document. */
function aliasTargets(document: Document): Map<Alias, Node> {
  const targets = new Map<Alias, Node>();
  const anchors = new Map<string, Node>();
  const visit = (node: unknown): void => {
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target) targets.set(node, target);
      return;
    }
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor) anchors.set(node.anchor, node);
    if (isMap(node)) {
      for (const pair of node.items) {
        visit(pair.key);
        visit(pair.value);
      }
    } else if (isSeq(node)) for (const item of node.items) visit(item);
  };
  visit(document.contents);
  return targets;
}

/** One pass from nodes to plain data, counting what aliases cost. */
class Conversion {
  readonly #targets: Map<Alias, Node>;
  #resolved = 0;
  #aliasNodes = 0;
  #inAlias = 0;

  constructor(targets: Map<Alias, Node>) {
    this.#targets = targets;
  }

  value(node: unknown, depth: number): unknown {
    if (node === null || node === undefined) return null;
    const offset = (node as ParsedNode).range?.[0] ?? 0;
    if (isAlias(node)) return this.#alias(node, depth, offset);
    if (this.#inAlias > 0 && ++this.#aliasNodes > LIMITS.aliasNodes) {
      throw new YamlFault('SP1005', offset, `aliases multiply to over ${LIMITS.aliasNodes} values`);
    }
    if (isScalar(node)) return scalar(node.value, offset);
    if (depth >= LIMITS.depth) {
      throw new YamlFault('SP1004', offset, `nested deeper than ${LIMITS.depth} levels`);
    }
    if (isSeq(node)) return node.items.map((item) => this.value(item, depth + 1));
    if (!isMap(node)) throw new YamlFault('SP1006', offset, 'a value that has no JSON form');
    return Object.fromEntries(
      node.items.map((pair) => [keyText(pair.key), this.value(pair.value, depth + 1)]),
    );
  }

  #alias(node: Alias, depth: number, offset: number): unknown {
    if (++this.#resolved > LIMITS.aliases) {
      throw new YamlFault('SP1005', offset, `more than ${LIMITS.aliases} aliases are resolved`);
    }
    const target = this.#targets.get(node);
    if (target === undefined) throw new YamlFault('SP1006', offset, 'alias without an anchor before it');
    this.#inAlias++;
    const value = this.value(target, depth);
    this.#inAlias--;
    return value;
  }
}

function scalar(value: unknown, offset: number): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new YamlFault('SP1006', offset, 'a number that has no JSON form');
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new YamlFault('SP1006', offset, 'a value that has no JSON form');
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : '';
}

interface Located {
  readonly key?: ParsedNode;
  readonly value?: ParsedNode;
}

function locate(root: unknown, pointer: string, targets: Map<Alias, Node>): Located {
  let found: Located = { value: root as ParsedNode };
  for (const key of pointerKeys(pointer)) {
    const holder: unknown = isAlias(found.value) ? targets.get(found.value) : found.value;
    if (isMap(holder)) {
      const pair = holder.items.find((item) => keyText(item.key) === key);
      if (pair === undefined) return {};
      // A key without a value has no value node: its place is the key's.
      found = { key: pair.key as ParsedNode, value: (pair.value ?? pair.key) as ParsedNode };
    } else if (isSeq(holder) && /^[0-9]+$/.test(key)) {
      found = { value: holder.items[Number(key)] as ParsedNode };
    } else return {};
  }
  return found;
}
