import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isToolId } from '../src/core/ids.ts';
import { PROVIDERS, REPORTS, stageTemplate } from './stage-template.ts';

// `node scripts/new-stage.ts ID [REPORT] [PROVIDER]` makes the folder of a new scanner, with every place to fill in marked FILL.
const [id = '', asReport = 'sarif', asProvider = 'path'] = process.argv.slice(2);
const folder = new URL(`../src/stages/${id}/`, import.meta.url).pathname;
const report = REPORTS.find((name) => name === asReport);
const provider = PROVIDERS.find((name) => name === asProvider);
if (!isToolId(id)) fail(`not a tool id: ${JSON.stringify(id)}; lower-case letters, digits and hyphens`);
else if (report === undefined) fail(`no template for the report ${asReport}: ${REPORTS.join(', ')}`);
else if (provider === undefined) fail(`no template for the provider ${asProvider}: ${PROVIDERS.join(', ')}`);
else if (existsSync(folder)) fail(`src/stages/${id} already exists`);
else {
  const files = stageTemplate({ id, report, provider });
  mkdirSync(join(folder, 'cases'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  // Where a line breaks depends on the length of the id.
  const biome = new URL('../node_modules/.bin/biome', import.meta.url).pathname;
  execFileSync(biome, ['format', '--write', '--vcs-enabled=false', folder], { stdio: 'ignore' });
  const lock = provider === 'path' ? '' : `  node scripts/lock.ts ${id}\n`;
  process.stdout.write(`src/stages/${id} written: ${Object.keys(files).join(', ')}. Next: fill them, then
  just gen
${lock}  just record ${id} findings
  just record ${id} clean
  just record ${id} malformed
  just golden ${id}
  just scanner ${id}\n`);
}

function fail(why: string): void {
  process.stderr.write(`new-stage: ${why}\n`);
  process.exitCode = 2;
}
