import { extname, resolve } from 'node:path';
import type { PolicyFile } from '../../compiler/manifest.gen.ts';
import { parseSource } from '../../compiler/read/parse-source.ts';
import { readText } from '../../compiler/read/read.ts';
import { checkPolicyFile } from '../../compiler/validate/validate.ts';
import { type Outcome, success } from '../../core/outcome.ts';

/** `--policy FILE`, JSON or YAML: budgets, and licence lists where it has some, with places in every diagnostic. `content` is its text where it is not the file's own. */
export async function readPolicyFile(
  cwd: string,
  file: string,
  content?: string,
): Promise<Outcome<PolicyFile>> {
  const text = content === undefined ? readText(resolve(cwd, file), file) : success(content);
  if (!text.ok) return text;
  const tree = await parseSource(extname(file) === '.json' ? 'json' : 'yaml', file, text.value);
  return tree.ok ? checkPolicyFile(tree.value) : tree;
}
