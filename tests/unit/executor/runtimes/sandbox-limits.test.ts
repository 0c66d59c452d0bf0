import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LOCAL_LIMITS } from '../../../../src/executor/runtimes/local/sandbox/local-limits.ts';
import { folderUsage } from '../../../../src/io/folder-usage.ts';
import { ATTACKERS, runAttacks } from '../../../support/attack-rig.ts';
import { GREEDY } from '../../../support/greedy-attacks.ts';

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
