import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/executor/events.ts';
import { type CustomWorld, customWorld, halfBundles, MINE, manifestOf } from '../../support/custom-world.ts';

const worlds: CustomWorld[] = [];
const undo: (() => void)[] = [];
function world(...parts: Parameters<typeof customWorld>): CustomWorld {
  const made = customWorld(...parts);
  worlds.push(made);
  return made;
}
afterEach(() => {
  for (const each of undo.splice(0).reverse()) each();
  for (const made of worlds.splice(0)) made.dispose();
});

const root = process.getuid?.() === 0;

/** Errors and where they stand, without repeats. */
function codes(outcome: { readonly diagnostics: readonly { code: string; level: string }[] }): string[] {
  return [...new Set(outcome.diagnostics.filter(({ level }) => level === 'error').map(({ code }) => code))];
}

describe('a manifest that cannot be used', () => {
  const cases: readonly [string, string[], unknown, string?][] = [
    ['an unknown key', ['SP2001'], manifestOf({ tolls: {} })],
    ['an unknown tool', ['SP2006'], manifestOf({ profiles: { own: { tools: { enable: ['mime'] } } } })],
    ['an unknown profile to extend', ['SP2007'], manifestOf({ profiles: { own: { extends: 'ligth' } } })],
    [
      'an unknown target',
      ['SP2008'],
      manifestOf({ policy: { budgets: { default: { perTarget: { nowhere: { high: 0 } } } } } }),
    ],
    [
      'a provider that no runtime has',
      ['SP3004'],
      manifestOf({
        tools: { checkov: { provider: 'imagee' } },
        profiles: { own: { tools: { enable: ['checkov'] } } },
      }),
    ],
    [
      'a runtime that does not exist',
      ['SP2020'],
      manifestOf({
        runtime: { default: 'managed' },
        tools: { bandit: {} },
        profiles: { own: { tools: { enable: ['bandit'] } } },
      }),
    ],
    ['a path upwards', ['SP2011'], manifestOf({ targets: { source: { path: '../x' } } })],
    ['an absolute path', ['SP2011'], manifestOf({ targets: { iac: [{ name: 'a', path: '/etc' }] } })],
    ['a path through a link', ['SP2011'], manifestOf({ targets: { iac: [{ name: 'a', path: 'out/etc' }] } })],
    [
      'a script through a link',
      ['SP2011'],
      manifestOf({ tools: { custom: { mine: { ...MINE, command: ['./out/bin/sh'] } } } }),
    ],
    [
      'needs in a circle',
      ['SP3001'],
      manifestOf({
        tools: { custom: { mine: { ...MINE, needs: ['other'] }, other: { ...MINE, needs: ['mine'] } } },
        profiles: { own: { tools: { enable: ['mine', 'other'] } } },
      }),
    ],
    [
      'a need of itself',
      ['SP3001'],
      manifestOf({ tools: { custom: { mine: { ...MINE, needs: ['mine'] } } } }),
    ],
    ['65 levels', ['SP1004'], `{"metadata":${'['.repeat(65)}${']'.repeat(65)}}`],
    ['100,000 levels', ['SP1004'], `{"metadata":${'['.repeat(100_000)}`],
    ['6 MB', ['SP1003'], `${JSON.stringify(manifestOf())}${' '.repeat(6_000_000)}`],
    [
      'a billion laughs',
      ['SP1005'],
      [
        'a: &a [x, x, x, x, x, x, x, x, x, x]',
        ...'bcdefghij'
          .split('')
          .map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefghi'[index]}`).join(', ')}]`),
      ].join('\n'),
      'secplan.yaml',
    ],
    [
      'CUE that never ends',
      ['SP1009'],
      'import "list"\nx: len([for a in list.Range(0, 100000, 1) for b in list.Range(0, 100000, 1) {a * b}])\n',
      'secplan.cue',
    ],
    ['a structural cycle in CUE', ['SP1008'], 'x: {y: x}\n', 'secplan.cue'],
    ['no syntax', ['SP1006'], '{"apiVersion": ', 'secplan.json'],
    ['bytes that are no text', ['SP1010'], '\u0000', 'secplan.json'],
  ];
  it.each(cases)(
    '%s is exit 2, starts nothing and leaves nothing',
    async (what, expected, manifest, file) => {
      const made = world(manifest, file);
      symlinkSync('/', join(made.workspace, 'out'));
      if (what.startsWith('bytes'))
        writeFileSync(join(made.workspace, 'secplan.json'), Buffer.from([0x7b, 0xff, 0x7d]));
      const events: RunEvent[] = [];
      const outcome = await made.scan({}, { onEvent: (event) => events.push(event) });
      expect([outcome.exitCode, codes(outcome)]).toEqual([2, expected]);
      expect(outcome.diagnostics.find(({ level }) => level === 'error')?.summary).toMatch(/\S/);
      expect(events.filter(({ type }) => type !== 'diagnostic')).toEqual([]);
      expect(readdirSync(made.root)).toEqual(['workspace']);
    },
  );

  it.each([
    [{ profile: 'ligth' }, 'SP2007'],
    [{ only: ['mime'] }, 'SP2006'],
    [{ skip: ['mime'] }, 'SP2006'],
    [{ manifestPath: 'none.json' }, 'SP1001'],
    [{ bundleId: '../../etc' }, 'SP9001'],
    [{ plan: 'secplan.json' }, 'SP3006'],
    [{ resume: true }, 'SP5006'],
  ] as const)('options %j are exit 2 with %s', async (options, code) => {
    const made = world();
    const outcome = await made.scan(options as never);
    expect([outcome.exitCode, codes(outcome)]).toEqual([2, [code]]);
    expect(halfBundles(made.exportDir)).toEqual([]);
  });

  it('two manifests in one folder are exit 2', async () => {
    const made = world();
    made.write('secplan.yaml', 'apiVersion: secplan/v1\n');
    const outcome = await made.scan();
    expect([outcome.exitCode, codes(outcome)]).toEqual([2, ['SP1002']]);
  });

  it('a manifest that is a FIFO is exit 2 and is not waited for', async () => {
    const made = world();
    execFileSync('mkfifo', [join(made.workspace, 'pipe.json')]);
    const outcome = await made.scan({ manifestPath: 'pipe.json' });
    expect([outcome.exitCode, codes(outcome)]).toEqual([2, ['SP1010']]);
  });
});

describe('a workspace full of odd files', () => {
  it.each(['without git', 'under git'])('is scanned to the end, %s', async (how) => {
    const made = world();
    const at = (name: string): string => join(made.workspace, name);
    execFileSync('mkfifo', [at('fifo')]);
    const server = createServer().listen(at('socket'));
    undo.push(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    writeFileSync(at('sparse.txt'), 'x');
    truncateSync(at('sparse.txt'), 2 * 2 ** 30);
    made.write('new\nline.txt', 'FIXME\n');
    made.write('--output=x', 'FIXME\n');
    made.write('$(touch pwned)', 'plain\n');
    symlinkSync('/etc/passwd', at('outside.txt'));
    symlinkSync('loop', at('loop'));
    symlinkSync('nowhere', at('dangling'));
    if (how === 'under git') execFileSync('git', ['init', '-q', made.workspace]);
    const outcome = await made.scan();
    expect([outcome.exitCode, codes(outcome)]).toEqual([0, []]);
    expect(outcome.diagnostics.map(({ code }) => code)).toEqual(expect.arrayContaining(['SP5004', 'SP5005']));
    const result = outcome.scan?.results[0];
    if (result?.state !== 'done') throw new Error(JSON.stringify(result));
    expect(result.findings.map((finding) => finding.span?.path).sort()).toEqual([
      '--output=x',
      'new\nline.txt',
    ]);
    const { workspace } = outcome.scan?.verdict.coverage ?? {};
    expect(workspace?.leftOut).toMatchObject({ 'too-large': 1, 'link-outside': 1 });
    const examples = workspace?.examples.join('\n') ?? '';
    for (const name of ['sparse.txt', 'outside.txt']) expect(examples).toContain(name);
    // Git itself does not list what is no file.
    if (how === 'without git') for (const name of ['fifo', 'socket']) expect(examples).toContain(name);
    expect(readdirSync(made.workspace)).not.toContain('pwned');
    expect(halfBundles(made.exportDir)).toEqual([]);
    const log = readFileSync(join(made.exportDir, 'latest', 'findings.sarif'), 'utf8');
    expect(JSON.parse(log).runs[0].results).toHaveLength(2);
  });
});

describe('a place that cannot be written', () => {
  it('is exit 3 with a code: the export folder is a file', async () => {
    const made = world();
    writeFileSync(made.exportDir, '');
    const outcome = await made.scan();
    expect([outcome.exitCode, codes(outcome)]).toEqual([3, ['SP5088']]);
  });

  it('is exit 3 with a code: the export folder lies where nothing can', async () => {
    const outcome = await world().scan({ exportDir: '/proc/self/nothing' });
    expect([outcome.exitCode, codes(outcome)]).toEqual([3, ['SP5003']]);
  });

  it.skipIf(root)('is exit 3 with a code: no right to write', async () => {
    const made = world();
    mkdirSync(made.exportDir);
    chmodSync(made.exportDir, 0o500);
    undo.push(() => chmodSync(made.exportDir, 0o700));
    const outcome = await made.scan();
    expect([outcome.exitCode, codes(outcome)]).toEqual([3, ['SP5003']]);
  });

  it('is exit 3 with a code: the cache folder is a file', async () => {
    const made = world();
    writeFileSync(join(made.root, 'cache'), '');
    const outcome = await made.scan();
    expect([outcome.exitCode, codes(outcome)]).toEqual([3, ['SP5007']]);
    expect(halfBundles(made.exportDir)).toEqual([]);
  });
});

/** A file system of so many KiB, where this process may mount one. */
function tinyDisk(made: CustomWorld, name: string, kib: number): string | undefined {
  const dir = join(made.root, name);
  mkdirSync(dir, { recursive: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', dir]).status !== 0) return undefined;
  undo.push(() => spawnSync('umount', ['-l', dir]));
  return dir;
}

describe.skipIf(!root)('a full disk', () => {
  const sizes = [4, 8, 16, 24, 32, 48, 64, 96, 128];
  it.each(sizes)('under the export folder of %d KiB is exit 3 or a whole bundle', async (kib) => {
    const made = world();
    made.write('big.txt', 'x'.repeat(10_000));
    const exportDir = tinyDisk(made, 'small', kib);
    if (exportDir === undefined) return;
    const outcome = await made.scan({ exportDir });
    expect([0, 3]).toContain(outcome.exitCode);
    if (outcome.exitCode === 3) {
      expect(outcome.scan === undefined ? codes(outcome) : ['SP5002']).toEqual(['SP5002']);
    }
    expect(halfBundles(exportDir)).toEqual([]);
    undo.splice(0).forEach((each) => {
      each();
    });
  });

  it.each(sizes)('under the cache of %d KiB is exit 3 or a whole bundle', async (kib) => {
    const made = world();
    made.write('big.txt', 'FIXME\n'.repeat(300));
    const cacheDir = tinyDisk(made, 'small', kib);
    if (cacheDir === undefined) return;
    const outcome = await made.scan({}, { cacheDir });
    expect([0, 3]).toContain(outcome.exitCode);
    expect(halfBundles(made.exportDir)).toEqual([]);
  });

  it('leaves the bundle before as the latest', async () => {
    const made = world();
    const exportDir = tinyDisk(made, 'small', 400);
    if (exportDir === undefined) return;
    const first = await made.scan({ exportDir, bundleId: 'first' });
    expect(first.exitCode).toBe(0);
    writeFileSync(join(exportDir, 'ballast'), '');
    spawnSync('sh', ['-c', 'cat /dev/zero > ballast'], { cwd: exportDir });
    truncateSync(join(exportDir, 'ballast'), statSync(join(exportDir, 'ballast')).size - 24 * 1024);
    const second = await made.scan({ exportDir, bundleId: 'second' });
    expect(second.exitCode).toBe(3);
    expect(halfBundles(exportDir)).toEqual(['ballast is left']);
    expect(JSON.parse(readFileSync(join(exportDir, 'latest', 'summary.json'), 'utf8')).bundle).toBe('first');
    truncateSync(join(exportDir, 'ballast'), 0);
    const third = await made.scan({ exportDir, bundleId: 'second', resume: true });
    expect([third.exitCode, codes(third)]).toEqual([0, []]);
  });
});

describe('the checker', () => {
  it('sees half a bundle and a link to nothing', async () => {
    const made = world();
    expect((await made.scan({ bundleId: 'one' })).exitCode).toBe(0);
    expect(halfBundles(made.exportDir)).toEqual([]);
    mkdirSync(join(made.exportDir, 'two'));
    execFileSync('ln', ['-sfn', 'three', join(made.exportDir, 'latest')]);
    expect(halfBundles(made.exportDir)).toEqual(
      expect.arrayContaining(['latest points to three', 'two has no checksums.txt']),
    );
  });
});
