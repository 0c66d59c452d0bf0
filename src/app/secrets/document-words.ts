import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Schemas of what a person writes, a tool is given or a command prints; no bundle holds such a document. */
const NOT_IN_A_BUNDLE =
  /^(manifest\.|options|golden|tool|why|verification|spdx|error|run\.|check\.|findings\.|explanation|compiled|plan-changes|doctor|parsed|cache-|baseline-written|init\.|trust)/;

/**
 * Names and fixed values that documents of a bundle are made of, one a line: what a redactor must not touch, or the
 * documents are none any more. From the schemas below `packageRoot`.
 */
export function documentWords(packageRoot: string): string {
  const words = new Set<string>();
  for (const file of readdirSync(join(packageRoot, 'schema'))) {
    if (!file.endsWith('.schema.json') || NOT_IN_A_BUNDLE.test(file)) continue;
    collect(JSON.parse(readFileSync(join(packageRoot, 'schema', file), 'utf8')), words);
  }
  for (const word of SARIF_WORDS) words.add(word);
  return [...words].join('\n');
}

/** SARIF's schema is large and most of it is never written. */
const SARIF_WORDS =
  '$schema version runs tool driver rules results ruleId ruleIndex level error warning note none message text kind locations physicalLocation artifactLocation region startLine startColumn endLine endColumn partialFingerprints properties suppressions baselineState informationUri'.split(
    ' ',
  );

function collect(schema: unknown, words: Set<string>): void {
  if (Array.isArray(schema)) for (const item of schema) collect(item, words);
  if (typeof schema !== 'object' || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') for (const name of Object.keys(value as object)) words.add(name);
    if (key === 'enum' && Array.isArray(value)) for (const one of value) words.add(String(one));
    if (key === 'const') words.add(String(value));
    collect(value, words);
  }
}
