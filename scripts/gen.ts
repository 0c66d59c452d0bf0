import { readFileSync, writeFileSync } from 'node:fs';
import { generateManifest } from './gen-manifest.ts';
import { generateReference } from './gen-reference.ts';
import { generateRegistry } from './gen-registry.ts';

// `node scripts/gen.ts` writes what is generated; `--check` fails when something of it is out of date.
const check = process.argv.includes('--check');
const root = new URL('../', import.meta.url);
const stale: string[] = [];

function emit(path: string, content: string): void {
  const file = new URL(path, root);
  let before = '';
  try {
    before = readFileSync(file, 'utf8');
  } catch {
    // A file that is not there yet is out of date.
  }
  if (before === content) return;
  stale.push(path);
  if (!check) writeFileSync(file, content);
}

// A new folder is registered before its tool can be recorded: only the check insists on its cases.
const registry = check ? await generateRegistry() : await generateRegistry(undefined, warn);
emit('src/stages/catalogue.gen.ts', registry.source);
emit('schema/options.gen.json', `${JSON.stringify(registry.options, null, 2)}\n`);
emit('docs/reference/scanners.md', `${await generateReference(registry.options, registry.ids)}`);
for (const [path, content] of Object.entries(await generateManifest())) emit(path, content);

if (stale.length > 0) process.stdout.write(`${check ? 'out of date' : 'written'}: ${stale.join(', ')}\n`);
if (check && stale.length > 0) process.exitCode = 1;

function warn(id: string, problems: readonly string[]): void {
  for (const problem of problems) process.stderr.write(`src/stages/${id}: ${problem} yet\n`);
}
