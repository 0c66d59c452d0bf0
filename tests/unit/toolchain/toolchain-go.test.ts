import { accessSync, chmodSync, constants, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyLock, sealEntry } from '../../../src/lock/lock.ts';
import { findGo } from '../../../src/toolchain/programs/find-go.ts';
import { openStore } from '../../../src/toolchain/shared/store.ts';
import { withoutHouse } from '../../support/without-house.ts';

const HASH = `h1:${'A'.repeat(43)}=`;
const machine = `linux-${process.arch === 'x64' ? 'amd64' : process.arch}`;
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'secplan-go-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A go that tells its version and "downloads" a toolchain as the real one lays it out, without modes. */
function double(version: string): void {
  const tools = `pkg/tool/${machine.replace('-', '_')}`;
  writeFileSync(
    join(root, 'go'),
    `#!/bin/sh
if [ "$1" = version ]; then echo "go version ${version} linux/amd64"; exit 0; fi
[ "$1 $2 $3" = "mod download -json" ] && [ "$4" = "golang.org/toolchain@v0.0.1-go1.26.8.${machine}" ] || exit 9
dir="$GOMODCACHE/golang.org/toolchain"
mkdir -p "$dir/bin" "$dir/${tools}"
echo x > "$dir/bin/go"; echo x > "$dir/${tools}/link"; chmod 444 "$dir/bin/go"
printf '{"Dir":"%s","Sum":"${HASH}"}' "$dir"
`,
  );
  chmodSync(join(root, 'go'), 0o755);
}

function context(hash: string, offline = false) {
  const go = sealEntry({
    kind: 'go',
    package: 'golang.org/toolchain',
    version: 'v0.0.1-go1.26.8',
    packages: [{ name: 'golang.org/toolchain', version: `v0.0.1-go1.26.8.${machine}`, hashes: [hash] }],
  });
  return {
    store: openStore(join(root, 'store')),
    lock: { ...emptyLock(), installers: { go } },
    env: { PATH: `${root}:/usr/bin:/bin` },
    workspace: null,
    offline,
    inHouse: withoutHouse,
  };
}

describe('find go', () => {
  it('takes one that fetches newer toolchains by itself', async () => {
    double('go1.22.1');
    expect(await findGo(context(HASH))).toEqual({ ok: true, path: join(root, 'go') });
  });

  it('fetches the pinned toolchain with an old one, once, and makes its programs executable', async () => {
    double('go1.19.8');
    const first = await findGo(context(HASH));
    if (!first.ok) throw new Error(JSON.stringify(first));
    expect(first.path.startsWith(join(root, 'store'))).toBe(true);
    accessSync(first.path, constants.X_OK);
    accessSync(join(first.path, '..', '..', 'pkg/tool', machine.replace('-', '_'), 'link'), constants.X_OK);
    // Found in the store: nothing is fetched, not even offline.
    expect(await findGo(context(HASH, true))).toEqual(first);
  });

  it('keeps nothing of a toolchain with another hash', async () => {
    double('go1.19.8');
    const other = `h1:${'B'.repeat(43)}=`;
    expect(await findGo(context(other))).toMatchObject({ ok: false, problem: { code: 'SP4004' } });
    const left = readdirSync(join(root, 'store'), { recursive: true, encoding: 'utf8' });
    expect(left.filter((path) => path.endsWith('bin/go') || path.endsWith('ready.json'))).toEqual([]);
  });

  it('fetches nothing offline', async () => {
    double('go1.19.8');
    expect(await findGo(context(HASH, true))).toMatchObject({ ok: false, problem: { code: 'SP4005' } });
  });
});
