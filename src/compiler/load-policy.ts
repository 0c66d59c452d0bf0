import { basename, resolve } from 'node:path';
import { diagnostic } from '../core/diagnostic.ts';
import { failed, type Outcome } from '../core/outcome.ts';
import type { Budgets } from './manifest.gen.ts';
import { parseSource } from './parse-source.ts';
import { readText } from './read.ts';
import { validateBudgetFile } from './validate.ts';

/** Reads `--policy FILE`: one set of budgets, as under `policy.budgets.<name>`, in JSON or YAML. */
export async function loadPolicy(path: string, cwd: string): Promise<Outcome<Budgets>> {
  const file = basename(path);
  const language = /\.ya?ml$/.test(file) ? 'yaml' : file.endsWith('.json') ? 'json' : undefined;
  if (language === undefined) {
    return failed([diagnostic('SP1010', 'a policy file is named *.json, *.yaml or *.yml', { value: path })]);
  }
  const text = readText(resolve(cwd, path), file);
  if (!text.ok) return text;
  const tree = await parseSource(language, file, text.value);
  return tree.ok ? validateBudgetFile(tree.value) : tree;
}
