import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LOCAL_LIMITS } from '../../../../src/executor/runtimes/local/sandbox/local-limits.ts';
import { folderUsage } from '../../../../src/io/folder-usage.ts';
import { ATTACKERS, type Attack, runAttacks } from '../../../support/attack-rig.ts';

const MIB = 2 ** 20;
const limit = (failure: object) => ({ ok: false, failure });

/** What a scanner takes too much of, and how the stage then ends. Each would end with exit code 0 where nobody looks. */
const GREEDY: readonly (readonly [name: string, attack: Attack, end: object])[] = [
  [
    '60,000 files in /out',
    { text: `perl -e 'for (1..60000) { open my $f, ">", "/out/$_" or die }'` },
    limit({ reason: 'file-limit', folder: '/out', limit: 50_000 }),
  ],
  [
    '5 GB in /out',
    { text: 'for n in 1 2 3 4 5; do fallocate -l 1000M /out/$n || exit 9; done' },
    limit({ reason: 'disk-limit', folder: '/out', limitBytes: 4 * 2 ** 30 }),
  ],
  [
    '5 GB in files without a name',
    {
      text: 'for n in 3 4 5 6 7; do eval "exec $n>/out/x"; rm /out/x; fallocate -l 1000M /proc/self/fd/$n || exit 9; done; exec sleep 1000',
    },
    limit({ reason: 'disk-limit', folder: '/out', limitBytes: 4 * 2 ** 30 }),
  ],
  [
    'files in a folder that nobody can list',
    {
      text: 'mkdir -p /out/a; cd /out/a; n=0; while [ $n -lt 50 ]; do d=$(printf %0100d 0); mkdir $d; cd $d; n=$((n+1)); done',
    },
    limit({ reason: 'file-limit', folder: '/out', limit: 50_000 }),
  ],
  [
    '17 GB in a /tmp that steps share',
    { steps: 2, text: 'n=0; while [ $n -lt 17 ]; do n=$((n+1)); fallocate -l 1000M /tmp/$n || exit 9; done' },
    limit({ reason: 'disk-limit', folder: '/tmp', limitBytes: 16 * 2 ** 30 }),
  ],
  [
    'memory in /dev/shm',
    { memoryMb: 100, text: 'head -c 200M /dev/zero > /dev/shm/x; exec sleep 1000' },
    limit({ reason: 'memory', limitBytes: 100 * MIB }),
  ],
  [
    'memory in /tmp',
    { memoryMb: 100, text: 'head -c 200M /dev/zero > /tmp/x; exec sleep 1000' },
    limit({ reason: 'memory', limitBytes: 100 * MIB }),
  ],
  [
    'memory of its own and in /dev/shm together',
    {
      memoryMb: 300,
      text: 'head -c 200M /dev/zero > /dev/shm/x; exec python3 -c "x = bytearray(200 << 20); import time; time.sleep(1000)"',
    },
    limit({ reason: 'memory', limitBytes: 300 * MIB }),
  ],
  [
    '1,500 processes',
    {
      // The kernel refuses it the rest.
      text: 'n=0; while [ $n -lt 1500 ]; do n=$((n+1)); sleep 1000 & done 2>/dev/null; wait',
    },
    limit({ reason: 'process-limit', limit: 1_024 + 64 * availableParallelism() }),
  ],
  [
    '1,500 threads',
    {
      text: `exec python3 -c "
import threading, time
for n in range(1500):
    try: threading.Thread(target=time.sleep, args=(1000,)).start()
    except RuntimeError: time.sleep(1000)
"`,
    },
    limit({ reason: 'process-limit', limit: 1_024 + 64 * availableParallelism() }),
  ],
];

describe.each(ATTACKERS)('a scanner of %s', (who) => {
  it('that takes too much is ended, and its stage is incomplete', { timeout: 120_000 }, async () => {
    const { outcomes } = await runAttacks(
      who,
      GREEDY.map(([, attack]) => ({ timeoutMs: 60_000, ...attack })),
    );
    expect(outcomes.map(({ execution }, index) => [GREEDY[index]?.[0], execution])).toEqual(
      GREEDY.map(([name, , end]) => [name, expect.objectContaining(end)]),
    );
  });

  it('that stays below is not', async () => {
    const { outcomes } = await runAttacks(who, [
      { text: `perl -e 'for (1..1000) { open my $f, ">", "/out/$_" or die }'` },
      // Mapped by two, it is the same memory: once in the folder, twice in their resident sets.
      {
        memoryMb: 200,
        text: `exec python3 -c "
import mmap, os, time
f = open('/dev/shm/x', 'w+b'); f.truncate(120 << 20)
m = mmap.mmap(f.fileno(), 0)
for at in range(0, 120 << 20, 4096): m[at] = 1
if os.fork() == 0: [m[at] for at in range(0, 120 << 20, 4096)]
time.sleep(1)
"`,
      },
      { text: 'n=0; while [ $n -lt 300 ]; do n=$((n+1)); sleep 1 & done; wait' },
    ]);
    expect(outcomes.map(({ execution }) => execution.ok)).toEqual([true, true, true]);
  });
});

describe('folderUsage', () => {
  const root = mkdtempSync(join(tmpdir(), 'secplan-usage-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('counts what is below, by blocks, and ends early', async () => {
    mkdirSync(join(root, 'a/b'), { recursive: true });
    writeFileSync(join(root, 'a/x'), 'x'.repeat(10_000));
    writeFileSync(join(root, 'a/b/y'), '');
    const all = await folderUsage(root, { files: 100, bytes: 1e9 });
    expect(all.files).toBe(4);
    expect(all.bytes).toBeGreaterThanOrEqual(10_000);
    expect((await folderUsage(root, { files: 0, bytes: 1e9 })).files).toBe(1);
    expect(await folderUsage(join(root, 'nowhere'), LOCAL_LIMITS.out)).toEqual({ files: 0, bytes: 0 });
  });
});
