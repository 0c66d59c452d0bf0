import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../../../src/core/diagnostic.ts';
import { createLocalRuntime } from '../../../../src/executor/runtimes/local/local-runtime.ts';
import {
  type CgroupPlace,
  findStageCgroups,
} from '../../../../src/executor/runtimes/local/sandbox/stage-cgroup.ts';
import { invocationOf, removeInvocations, script } from '../../../support/invocation.ts';

const root = mkdtempSync(join(tmpdir(), 'secplan-cgroup-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterAll(removeInvocations);
let counter = 0;

/** A tree that looks like cgroup v2: by folder, what it hands to its children; null: not even a file. */
function tree(folders: Readonly<Record<string, string | null>>, own: string): CgroupPlace {
  counter += 1;
  const place = join(root, String(counter));
  for (const [name, controllers] of Object.entries(folders)) {
    mkdirSync(join(place, name), { recursive: true });
    if (controllers !== null) writeFileSync(join(place, name, 'cgroup.subtree_control'), `${controllers}\n`);
  }
  return { root: place, own, rmdir: (dir) => rmSync(dir, { recursive: true }) };
}

const DELEGATED = { '': 'cpu memory', user: 'memory pids', 'user/scope': '' };

describe('findStageCgroups', () => {
  it('takes the nearest folder above its own that hands memory on', () => {
    const place = tree(DELEGATED, '0::/user/scope\n');
    const stage = findStageCgroups(place)?.open({ memoryBytes: 64, processes: 7 });
    const [name = ''] = readdirSync(join(place.root, 'user')).filter((each) => each.startsWith('secplan-'));
    const at = (file: string) => readFileSync(join(place.root, 'user', name, file), 'utf8');
    expect(at('memory.max')).toBe('64');
    expect(at('memory.oom.group')).toBe('1');
    expect([at('pids.max'), stage?.holdsProcesses, stage?.outOfProcesses()]).toEqual(['7', true, false]);
    writeFileSync(join(place.root, 'user', name, 'pids.events'), 'max 3\n');
    expect(stage?.outOfProcesses()).toBe(true);
    expect(stage?.outOfMemory()).toBe(false);
    expect(stage?.peakBytes()).toBeNull();
  });

  it.each([
    ['cgroup v1', '4:memory:/user/scope\n', DELEGATED],
    ['v2 beside v1, without the controller', '4:memory:/x\n0::/user/scope\n', { '': 'pids', user: '' }],
    ['a folder outside its namespace', '0::/../../user/scope\n', DELEGATED],
    ['no such tree', '0::/user/scope\n', {}],
    ['no cgroup at all', '', DELEGATED],
  ])('finds none: %s', (_, own, folders) => {
    expect(findStageCgroups(tree(folders, own))).toBeUndefined();
  });

  it('goes further up where the nearest folder hands on nothing', () => {
    const place = tree(DELEGATED, '0::/user/scope\n');
    rmSync(join(place.root, 'user', 'cgroup.subtree_control'));
    findStageCgroups(place)?.open({ memoryBytes: 64, processes: 7 });
    expect(readdirSync(place.root).filter((name) => name.startsWith('secplan-'))).toHaveLength(1);
  });

  it('leaves processes to others where the folder does not hand them on', () => {
    const place = tree({ '': 'memory' }, '0::/\n');
    const stage = findStageCgroups(place)?.open({ memoryBytes: 64, processes: 7 });
    const [name = ''] = readdirSync(place.root).filter((each) => each.startsWith('secplan-'));
    expect([stage?.holdsProcesses, existsSync(join(place.root, name, 'pids.max'))]).toEqual([false, false]);
  });

  it('takes away the cgroups of runs that were killed, and no others', () => {
    const place = tree({ '': 'memory' }, '0::/\n');
    // No process has a pid above 2^22.
    for (const name of ['secplan-99999999-x', `secplan-${process.ppid}-x`, 'other'])
      mkdirSync(join(place.root, name));
    findStageCgroups(place);
    expect(readdirSync(place.root).sort()).toEqual(
      ['cgroup.subtree_control', 'other', `secplan-${process.ppid}-x`].sort(),
    );
  });
});

describe.each(['bubblewrap', 'none'] as const)('local runtime with sandbox %s', (sandbox) => {
  async function run(text: string, place: CgroupPlace) {
    const said: Diagnostic[] = [];
    const runtime = createLocalRuntime({ sandbox, cgroups: place, onDiagnostic: (item) => said.push(item) });
    const invocation = invocationOf({
      steps: [script(text)],
      stage: { resources: { cpus: 1, memoryMb: 100 } },
    });
    const execution = await runtime.execute(invocation);
    await runtime.close();
    return { execution, said, invocation, notEnforced: runtime.notEnforced };
  }

  it('starts a stage inside its cgroup, and takes that away', async () => {
    const place = tree({ '': 'memory' }, '0::/\n');
    const seen: Record<string, string> = {};
    const rmdir = (dir: string) => {
      for (const file of readdirSync(dir)) seen[file] = readFileSync(join(dir, file), 'utf8').trim();
      rmSync(dir, { recursive: true });
    };
    const { execution, said, notEnforced } = await run('true', { ...place, rmdir });
    expect(execution).toMatchObject({ ok: true, steps: [{ exitCode: 0 }] });
    // `0` is how a process names itself: it was written before anything of the tool was started.
    expect(seen).toMatchObject({ 'cgroup.procs': '0', 'memory.max': String(100 * 2 ** 20) });
    expect(readdirSync(place.root)).toEqual(['cgroup.subtree_control']);
    expect(said).toEqual([]);
    expect(notEnforced.join()).not.toContain('memory');
  });

  it.each(['exit 0', 'kill -9 $$'])('a kill by the kernel is a failure of memory, after %s', async (text) => {
    const place = tree({ '': 'memory' }, '0::/\n');
    const runtime = createLocalRuntime({ sandbox, cgroups: place });
    const invocation = invocationOf({
      steps: [
        script(`until [ -e "$GO" ]; do :; done; ${text}`, { env: { GO: { at: 'source', sub: 'go' } } }),
      ],
      stage: { resources: { cpus: 1, memoryMb: 100 } },
    });
    const running = runtime.execute(invocation);
    for (;;) {
      const [name] = readdirSync(place.root).filter((each) => each.startsWith('secplan-'));
      const procs = name === undefined ? undefined : join(place.root, name, 'cgroup.procs');
      if (procs !== undefined && existsSync(procs)) {
        // What the kernel would write.
        writeFileSync(join(procs, '..', 'memory.events'), 'max 9\noom 1\noom_kill 1\n');
        writeFileSync(join(procs, '..', 'memory.peak'), '104857600\n');
        break;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    writeFileSync(join(invocation.sourceDir, 'go'), '');
    expect(await running).toMatchObject({
      ok: false,
      failure: { reason: 'memory', limitBytes: 100 * 2 ** 20 },
    });
    await runtime.close();
  });

  it('falls back to watching, and says so', async () => {
    const { execution, said, notEnforced } = await run('true', tree({}, '4:memory:/\n'));
    expect(execution).toMatchObject({ ok: true });
    expect(said.map(({ code }) => code)).toEqual(['SP5009']);
    expect(notEnforced).toContain('memory limit by polling, not by cgroup');
  });
});

describe.runIf(findStageCgroups() !== undefined)('where this machine delegates the controller', () => {
  it('the kernel holds the limit', async () => {
    const runtime = createLocalRuntime({ sandbox: 'bubblewrap' });
    const invocation = invocationOf({
      steps: [script('exec python3 -c "x = bytearray(300 << 20)"')],
      stage: { resources: { cpus: 1, memoryMb: 100 } },
    });
    expect(await runtime.execute(invocation)).toMatchObject({ ok: false, failure: { reason: 'memory' } });
    await runtime.close();
  });
});
