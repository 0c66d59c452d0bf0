import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseLock } from '../src/lock/read-lock.ts';
import { bundleAll, bundleCommand, WHOLE_COMMANDS } from './bundle.ts';
import { bundledFolders, licenseDocument, linguistLicense, readForeignPackage } from './licenses.ts';

// Writes dist: the bundles, the CUE evaluator, the schemas that `golden check` needs, and the licences of all that.
const root = new URL('../', import.meta.url);
const outdir = new URL('dist/', root).pathname;

const lock = readFileSync(new URL('tools.lock.json', root), 'utf8');
if (!parseLock(lock, 'tools.lock.json').ok) throw new Error('tools.lock.json is not sound');

rmSync(outdir, { recursive: true, force: true });
const bundles = [await bundleAll()];
for (const command of WHOLE_COMMANDS) bundles.push(await bundleCommand(command));

// The evaluator as it is: a worker starts from a file, and reads the wasm beside it.
const cue = new URL('packages/cue/', root).pathname;
for (const part of ['src', 'cue.wasm.zst', 'NOTICE', 'THIRD-PARTY-LICENSES']) {
  cpSync(join(cue, part), join(outdir, 'cue', part), {
    recursive: true,
    filter: (path) => !path.endsWith('.d.mts'),
  });
}

// Other projects' published schemas, for `golden check`: taken from packages, never committed.
const require = createRequire(import.meta.url);
const schemas = join(outdir, 'schemas');
mkdirSync(schemas, { recursive: true });
const sarif = dirname(require.resolve('@microsoft/jest-sarif/package.json'));
copyFileSync(join(sarif, 'lib/schemas/sarif-2.1.0-rtm.5.json'), join(schemas, 'sarif-2.1.0.json'));
const cyclonedx = dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json'));
for (const part of ['bom-1.6', 'spdx', 'jsf-0.82', 'cryptography-defs']) {
  const from = join(cyclonedx, 'res/schema', `${part}.SNAPSHOT.schema.json`);
  copyFileSync(from, join(schemas, `cyclonedx-${part}.json`));
}

const folders = bundledFolders(bundles.map(({ metafile }) => metafile)).map((path) =>
  join(root.pathname, path),
);
writeFileSync(
  join(outdir, 'THIRD-PARTY-LICENSES'),
  licenseDocument([...[...folders, sarif, cyclonedx].map(readForeignPackage), linguistLicense()]),
);
