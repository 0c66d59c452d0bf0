// Writes the package's own tools.lock.json anew: `node scripts/lock.ts [tool …]`; without names, every tool of the
// catalogue. Packages of PyPI, npm, Go and Maven are resolved; other kinds are written by hand and stay as they are.
import { writeFileSync } from 'node:fs';
import { emptyLock, serializeLock, withEntry } from '../src/lock/lock.ts';
import { packagedLockPath, readLock } from '../src/lock/read-lock.ts';
import { catalogue } from '../src/stages/catalogue.gen.ts';
import { lockTool } from '../src/toolchain/lock-tools.ts';
import { openStore, toolsDir } from '../src/toolchain/shared/store.ts';

/** Where the newest is not the one wanted. syft 1.57 and Grype 0.121 need modules that not every module proxy serves, newer OSV-Scanners and rekor-cli 1.5.5 need Go 1.27. */
const HELD: Readonly<Record<string, string>> = {
  'syft/go': 'v1.52.0',
  'grype/go': 'v0.120.1',
  'grype-db/go': 'v0.120.1',
  'osv-scanner/go': 'v2.2.4',
  'osv-db/go': 'v2.2.4',
  'gosec/go': 'v2.22.11',
  'rekor/go': 'v1.5.3',
  'dependency-check/maven': '13.0.0',
  'dependency-check-db/maven': '13.0.0',
};
/** What a tool needs in another version than it names: 5.6.2 is not on every Maven mirror. */
const CLIENT = [
  { name: 'org.apache.httpcomponents.client5:httpclient5', version: '5.6.3' },
  { name: 'org.apache.httpcomponents.client5:httpclient5-cache', version: '5.6.3' },
];
const NEEDS: Readonly<Record<string, typeof CLIENT>> = {
  'dependency-check/maven': CLIENT,
  'dependency-check-db/maven': CLIENT,
};
const KINDS: ReadonlySet<string> = new Set(['pypi', 'npm', 'go', 'maven']);

const wanted = new Set(process.argv.slice(2));
const path = packagedLockPath();
const old = readLock(path);
// A lock that cannot be read is not one that is empty: everything else would be lost.
if (!old.ok) throw new Error(old.diagnostics.map(({ summary }) => summary).join('; '));
let lock = old.value ?? emptyLock();
const options = { store: openStore(toolsDir(process.env)), lock, workspace: null };

for (const entry of catalogue.values()) {
  if (wanted.size > 0 && !wanted.has(entry.id)) continue;
  for (const provider of entry.providers.filter(({ kind }) => KINDS.has(kind))) {
    const at = `${entry.id}/${provider.name}`;
    const outcome = await lockTool(entry.id, provider, HELD[at], { ...options, held: NEEDS[at] });
    if (outcome.ok) {
      lock = withEntry(lock, entry.id, provider.name, outcome.value);
      process.stdout.write(`${at} ${outcome.value.version}, ${outcome.value.packages.length} packages\n`);
    } else {
      process.exitCode = 1;
      for (const item of outcome.diagnostics) process.stderr.write(`${at}: ${item.code} ${item.summary}\n`);
    }
  }
}
if (wanted.size === 0 || wanted.has('uv')) {
  const uv = await lockTool('uv', { name: 'pypi', kind: 'pypi', package: 'uv' }, undefined, options);
  if (uv.ok) lock = { ...lock, installers: { ...lock.installers, uv: uv.value } };
  else process.exitCode = 1;
}
writeFileSync(path, serializeLock(lock));
