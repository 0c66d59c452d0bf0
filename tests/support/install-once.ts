import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { packAndInstall } from '../../scripts/pack-and-install.ts';
import { takeFolderLock } from '../../src/io/folder-lock.ts';

// Prints the folder in which this checkout's package is installed, after packing and installing it where that was not
// done yet for just these bytes. One process packs at a time, since all build into one dist.

const ROOT = new URL('../../', import.meta.url).pathname;
/** What the package is made of: a change to any of it makes another package. */
const INPUTS = [
  ...['bin', 'src', 'schema', 'assets', 'rules/secplan', 'rules/secplan.yaml', 'tools.lock.json'],
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.types.json'],
  ...['README.md', 'CHANGELOG.md', 'LICENSE', 'NOTICE', 'packages/cue/src', 'packages/cue/cue.wasm.zst'],
  ...['packages/cue/NOTICE', 'packages/cue/THIRD-PARTY-LICENSES'],
  'scripts',
];
const DAY_MS = 86_400_000;

function contentKey(): string {
  const hash = createHash('sha256');
  for (const input of INPUTS) {
    const path = join(ROOT, input);
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && !entry.parentPath.includes('/cases'))
          .map((entry) => join(entry.parentPath, entry.name))
          .sort()
      : [path];
    for (const file of files) {
      const bytes = readFileSync(file);
      hash.update(`${file.slice(ROOT.length)}\0${bytes.length}\0`).update(bytes);
    }
  }
  return hash.digest('hex').slice(0, 24);
}

/** Drops what no run has used for a day. */
function prune(home: string, kept: string): void {
  for (const name of readdirSync(home)) {
    const path = join(home, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (path !== kept && found?.isDirectory() === true && Date.now() - found.mtimeMs > DAY_MS) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

const home = join(tmpdir(), `secplan-packed-${process.getuid?.() ?? 0}`);
const dir = join(home, contentKey());
const done = join(dir, 'done');
mkdirSync(home, { recursive: true });
while (!existsSync(done)) {
  const lock = takeFolderLock(home);
  if (lock === undefined) {
    await setTimeout(250);
    continue;
  }
  try {
    if (existsSync(done)) break;
    rmSync(dir, { recursive: true, force: true });
    packAndInstall(ROOT, dir);
    prune(home, dir);
    writeFileSync(done, '');
  } finally {
    lock.release();
  }
}
// Used today: another checkout's run does not drop it.
utimesSync(dir, new Date(), new Date());
process.stdout.write(`${dir}\n`);
