import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseLock } from '../src/lock/read-lock.ts';
import { bundleAll, bundleCommand, WHOLE_COMMANDS } from './bundle.ts';

// Writes dist: the bundles, and the schemas that `golden check` needs.
const root = new URL('../', import.meta.url);
const outdir = new URL('dist/', root).pathname;

const lock = readFileSync(new URL('tools.lock.json', root), 'utf8');
if (!parseLock(lock, 'tools.lock.json').ok) throw new Error('tools.lock.json is not sound');

rmSync(outdir, { recursive: true, force: true });
await bundleAll();
for (const command of WHOLE_COMMANDS) await bundleCommand(command);

// Other projects' published schemas, for `golden check`: taken from packages, never committed.
const require = createRequire(import.meta.url);
const schemas = join(outdir, 'schemas');
const cyclonedx = join(
  dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')),
  'res',
  'schema',
);
mkdirSync(schemas, { recursive: true });
copyFileSync(
  join(
    dirname(require.resolve('@microsoft/jest-sarif/package.json')),
    'lib',
    'schemas',
    'sarif-2.1.0-rtm.5.json',
  ),
  join(schemas, 'sarif-2.1.0.json'),
);
for (const part of ['bom-1.6', 'spdx', 'jsf-0.82', 'cryptography-defs']) {
  copyFileSync(join(cyclonedx, `${part}.SNAPSHOT.schema.json`), join(schemas, `cyclonedx-${part}.json`));
}
