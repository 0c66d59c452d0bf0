import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRun, startCli, until } from '../../support/cli.ts';
import {
  type CustomWorld,
  customWorld,
  halfBundles,
  manifestOf,
  SCANNER,
} from '../../support/custom-world.ts';
import { normalBundle } from '../../support/normal-bundle.ts';
import { processesWith } from '../../support/processes.ts';

const STAGES = ['s1', 's2', 's3', 's4', 's5', 's6'];
const MARK = `mark-${crypto.randomUUID()}`;

/** Stages one after the other; each waits for ever while its own file of `hold` is there. */
function chain(): Record<string, unknown> {
  const custom = STAGES.map((id, index) => [
    id,
    {
      command: ['./scan.py', `${MARK}-${id}`],
      report: 'sarif',
      inputs: ['src/**', `hold/${id}`],
      needs: index === 0 ? [] : [STAGES[index - 1]],
    },
  ]);
  return manifestOf({
    tools: { custom: Object.fromEntries(custom) },
    profiles: { own: { tools: { enable: STAGES } } },
  });
}

const HOLDING = `
import time
if os.path.isdir('hold') and os.listdir('hold'):
    print('holding', file=sys.stderr, flush=True)
    time.sleep(100000)
`;

let world: CustomWorld;
let undisturbed: Record<string, string>;

beforeAll(async () => {
  world = customWorld(chain());
  world.write('scan.py', SCANNER.replace('\nfiles, results', `${HOLDING}\nfiles, results`));
  chmodSync(join(world.workspace, 'scan.py'), 0o755);
  world.write('src/a.txt', 'FIXME\nfine\n');
  world.write('src/b.txt', 'FIXME\n');
  const { ended } = start('undisturbed');
  const end = await ended;
  expect(end.code, end.stderr).toBe(0);
  undisturbed = normalBundle(join(world.root, 'undisturbed', 'latest'));
});
afterAll(() => world.dispose());

function start(name: string, ...args: string[]): CliRun {
  return startCli(
    [
      'run',
      '--profile',
      'own',
      '--json',
      '--export-dir',
      join(world.root, name),
      '--bundle-id',
      'b1',
      ...args,
    ],
    world.workspace,
    {
      PATH: '/usr/bin:/bin',
      HOME: world.root,
      SECPLAN_TOOLS_DIR: join(world.root, 'tools'),
      SECPLAN_CACHE_DIR: join(world.root, `cache-${name}`),
    },
  );
}

/** Resolves when nothing that carries the mark runs any more: else the test's time limit is the check. */
async function nothingLeft(): Promise<void> {
  while (processesWith(MARK).length > 0) await new Promise((resolve) => setImmediate(resolve));
}

function holdsText(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

interface Point {
  readonly name: string;
  /** Stage that never ends before the kill. */
  readonly hold?: string;
  reached(run: CliRun, partial: string): boolean;
}

const finished = (run: CliRun): number => run.events.filter(({ type }) => type === 'stage-finished').length;
const POINTS: readonly Point[] = [
  { name: 'as soon as it says anything', reached: (run) => run.events.length > 0 },
  { name: 'when the journal is there', reached: (_, partial) => holdsText(join(partial, 'journal.jsonl')) },
  ...STAGES.map(
    (id): Point => ({
      name: `while ${id} runs`,
      hold: id,
      reached: (_, partial) => holdsText(join(partial, 'work', id, '0', 'log', 'run.stderr')),
    }),
  ),
  ...STAGES.map(
    (id, index): Point => ({ name: `when ${id} is done`, reached: (run) => finished(run) > index }),
  ),
  {
    name: 'when the verdict is known',
    reached: (run) => run.events.some(({ type }) => type === 'run-finished'),
  },
  ...['plan.json', 'findings.sarif', 'verdict.json', 'summary.json', 'attestation.intoto.json'].map(
    (file): Point => ({
      name: `when ${file} is written`,
      reached: (_, partial) => existsSync(join(partial, 'bundle', file)) || !existsSync(partial),
    }),
  ),
];

describe('a run that is killed', () => {
  it(`is tried at ${POINTS.length} points`, () => {
    expect(POINTS).toHaveLength(20);
  });

  it.each(POINTS)('$name, is resumed to the bundle of an undisturbed one', async (point) => {
    const name = `killed-${POINTS.indexOf(point)}`;
    const exportDir = join(world.root, name);
    const hold = join(world.workspace, 'hold');
    rmSync(hold, { recursive: true, force: true });
    if (point.hold !== undefined) world.write(`hold/${point.hold}`, 'x');
    const run = start(name);
    const partial = join(exportDir, '.b1.partial');
    // The folder is made before anything can be told of it: then its absence means that the bundle is sealed.
    await until(run, () => run.events.length > 0 || existsSync(partial));
    await until(run, () => point.reached(run, partial));
    run.child.kill('SIGKILL');
    const { signal, code } = await run.ended;
    if (point.hold !== undefined) expect([signal, code]).toEqual(['SIGKILL', null]);
    await nothingLeft();
    expect(halfBundles(exportDir)).toEqual([]);
    rmSync(hold, { recursive: true, force: true });

    const before = point.hold === undefined ? 0 : STAGES.indexOf(point.hold);
    const journal = join(partial, 'journal.jsonl');
    const done = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length - 2 : 0;
    expect(done).toBeGreaterThanOrEqual(before);
    let end = await start(name, '--resume').ended;
    if (end.code === 2) {
      expect(end.stdout + end.stderr).toContain('SP5006');
      end = await start(name).ended;
    }
    expect(end.code, end.stderr).toBe(0);
    expect(halfBundles(exportDir)).toEqual([]);
    expect(readdirSync(exportDir).filter((entry) => entry.endsWith('.partial'))).toEqual([]);
    expect(normalBundle(join(exportDir, 'latest'))).toEqual(undisturbed);
    await nothingLeft();
  });

  it('would be told from another by this comparison', async () => {
    world.write('src/c.txt', 'FIXME\n');
    const { code } = await start('other').ended;
    rmSync(join(world.workspace, 'src/c.txt'));
    expect(code).toBe(0);
    expect(normalBundle(join(world.root, 'other', 'latest'))).not.toEqual(undisturbed);
  });
});

describe('two runs at once on one export folder', () => {
  it('leave two whole bundles, a latest that holds, and a cache that both can use', async () => {
    const name = 'both';
    mkdirSync(join(world.root, name));
    const ends = await Promise.all([start(name).ended, start(name).ended]);
    for (const end of ends) expect(end.code, end.stderr).toBe(0);
    const exportDir = join(world.root, name);
    expect(readdirSync(exportDir).sort()).toEqual(['b1', 'b1-2', 'latest']);
    expect(halfBundles(exportDir)).toEqual([]);
    for (const id of ['b1', 'b1-2']) expect(normalBundle(join(exportDir, id))).toEqual(undisturbed);
    const third = await start(name).ended;
    expect(third.code, third.stderr).toBe(0);
    const { summary } = {
      summary: JSON.parse(readFileSync(join(exportDir, 'latest', 'summary.json'), 'utf8')),
    };
    expect(JSON.stringify(summary)).toContain('"cached":true');
    expect(normalBundle(join(exportDir, 'latest'))).toEqual(undisturbed);
  });
});
