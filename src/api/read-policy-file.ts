import { extname, resolve } from 'node:path';
import type { Budgets } from '../compiler/manifest.gen.ts';
import { parseSource } from '../compiler/parse-source.ts';
import { readText } from '../compiler/read.ts';
import { validateBudgetFile } from '../compiler/validate.ts';
import type { Outcome } from '../core/outcome.ts';

/** Budgets of `--policy FILE`, JSON or YAML, with places in every diagnostic. */
export async function readPolicyFile(cwd: string, file: string): Promise<Outcome<Budgets>> {
  const text = readText(resolve(cwd, file), file);
  if (!text.ok) return text;
  const tree = await parseSource(extname(file) === '.json' ? 'json' : 'yaml', file, text.value);
  return tree.ok ? validateBudgetFile(tree.value) : tree;
}
