import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ModelTarget } from '../../../src/compiler/model/model.ts';
import { artifactId, stageId } from '../../../src/core/ids.ts';
import { takeInventory } from '../../../src/executor/inventory/take-inventory.ts';
import type { DatabaseStage, Plan, ScanStage, ToolStage } from '../../../src/planner/ir/ir.ts';
import { planStages } from '../../../src/planner/plan.ts';
import type { OutputSpec } from '../../../src/stages/contract/output.ts';
import { fakeRuntime, type Script } from '../../support/fake-runtime.ts';
import { fakeScanner } from '../../support/fake-scanner.ts';
import { context, model, planned, source, tool } from '../../support/planner-rig.ts';
import { type Bench, bench, CLEAN, report } from '../../support/run-rig.ts';
import { REPORT, toolStage } from '../../support/tool-stage.ts';

const made: Bench[] = [];
function newBench(...parts: Parameters<typeof bench>): Bench {
  const one = bench(...parts);
  made.push(one);
  return one;
}
afterEach(() => {
  for (const one of made.splice(0)) one.dispose();
});

const TREE: OutputSpec = {
  name: 'db',
  type: 'database',
  mediaType: 'application/octet-stream',
  file: 'db',
  tree: true,
};
const database = fakeScanner('vuln-db', { kind: 'database', requires: { target: 'none' }, outputs: [TREE] });
const reader = fakeScanner('reader', {
  requires: {
    target: 'source',
    consumes: [
      { name: 'db', type: 'database', from: 'vuln-db', optional: true },
      { name: 'sbom', type: 'cyclonedx', from: 'syft', optional: true },
    ],
  },
  consumes: (options) => ((options as { scan?: string }).scan === 'secrets' ? [] : ['db', 'sbom']),
  steps: ({ artifacts, target }) => [
    { id: 'scan', argv: ['reader', [...artifacts].join(), target.name], exits: { '0': 'ok' } },
  ],
});
const http: ModelTarget = {
  kind: 'http',
  name: 'api',
  include: [],
  exclude: [],
  details: { url: 'http://127.0.0.1:1', openapi: 'api.json', auth: { type: 'bearer', secret: 'TOKEN' } },
  pointer: '/targets/http/0',
};

function stageOf(plan: Plan, id: string): ToolStage {
  const found = plan.stages.find((stage) => stage.id === id);
  if (found === undefined || !('tool' in found)) throw new Error(`no tool stage ${id}`);
  return found;
}

function modelWith(...parts: Parameters<typeof model>) {
  return { ...model(...parts), databases: [tool('vuln-db')] };
}

describe('a database', () => {
  it('is brought in by the scanner that reads it, and gates nothing itself', () => {
    const plan = planned(modelWith([tool('reader')]), context([reader, database]));
    expect(stageOf(plan, 'vuln-db')).toMatchObject({ kind: 'database', target: { kind: 'none' } });
    expect(stageOf(plan, 'reader').inputs).toEqual([
      { name: 'db', id: artifactId(stageId('vuln-db'), 'db'), type: 'database' },
    ]);
    expect(plan.stages.find(({ id }) => id === 'aggregate')?.needs).toEqual(['reader']);
    expect(stageOf(plan, 'reader').providers[0]?.steps[0]?.argv).toEqual(['reader', 'db', 'source']);
  });

  it('is not brought in where the options do without it', () => {
    const plan = planned(
      modelWith([tool('reader', { options: { scan: 'secrets' } })]),
      context([reader, database]),
    );
    expect(plan.stages.map(({ id }) => id as string)).not.toContain('vuln-db');
    expect(stageOf(plan, 'reader').providers[0]?.steps[0]?.argv).toEqual(['reader', '', 'source']);
  });

  const db = { name: 'db', id: artifactId(stageId('vuln-db'), 'db'), type: 'database' } as const;
  const dbStage: DatabaseStage = {
    ...toolStage('vuln-db', {
      outputSpecs: [TREE],
      outputs: [db],
      selection: { include: [] },
      target: { kind: 'none', name: 'none' },
    }),
    kind: 'database',
  };
  const scan = (over: Partial<ScanStage> = {}) =>
    toolStage('reader', { needs: [stageId('vuln-db')], inputs: [db], ...over });
  const parseTree = {
    'vuln-db': {
      outputs: [TREE],
      parse: (raw: Readonly<Record<string, string | undefined>>) => {
        const { files } = JSON.parse(raw.db ?? '{"files":[]}') as { files: unknown[] };
        const examined = { count: files.length, unit: 'files', evidence: 'the tree' } as const;
        return { ok: true, findings: [], notes: [], examined } as const;
      },
    },
  };
  const seenBy = (into: Record<string, string>): Script => ({
    outputs: CLEAN,
    seen: ({ artifacts }) => {
      const folder = artifacts.get(db.id) ?? '';
      for (const name of readdirSync(folder)) into[name] = readFileSync(join(folder, name), 'utf8');
    },
  });

  it('reaches its reader as a folder, and a change of it is a miss', async () => {
    const one = newBench({ 'a.py': '1' }, parseTree);
    const seen: Record<string, string> = {};
    const run = async (content: string) => {
      const runtime = fakeRuntime({
        'vuln-db': { outputs: { 'db/one.json': content, 'db/deep/two': 'x' } },
        reader: { outputs: CLEAN },
      });
      await one.run([{ ...dbStage, network: 'stack' }, scan()], runtime);
      return runtime.calls;
    };
    expect(await run('1')).toEqual(['vuln-db', 'reader']);
    expect(await run('1')).toEqual(['vuln-db']);
    expect(await run('2')).toEqual(['vuln-db', 'reader']);
    const carried = join(one.root, 'carried');
    mkdirSync(carried);
    writeFileSync(join(carried, 'one.json'), 'carried in');
    const runtime = fakeRuntime({ reader: seenBy(seen) });
    const { results } = await one.run([dbStage, scan()], runtime, {
      databases: new Map([['vuln-db', carried]]),
    });
    expect(results.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(runtime.calls).toEqual(['reader']);
    expect(seen).toEqual({ 'one.json': 'carried in' });
  });

  it('is fetched once a day, and again where the cache has lost a file of it', async () => {
    const one = newBench({ 'a.py': '1' }, parseTree);
    const fetched: DatabaseStage = { ...dbStage, network: { egress: ['db.example.org'] } };
    const run = async (day: string) => {
      const runtime = fakeRuntime({
        'vuln-db': { outputs: { 'db/one.json': 'only in this database' } },
        reader: { outputs: CLEAN },
      });
      const { results } = await one.run([fetched, scan()], runtime, { day });
      expect(results.map(({ state }) => state)).toEqual(['done', 'done']);
      return runtime.calls;
    };
    expect(await run('2026-01-01')).toEqual(['vuln-db', 'reader']);
    expect(await run('2026-01-01')).toEqual([]);
    expect(await run('2026-01-02')).toEqual(['vuln-db']);
    const lost = readdirSync(one.cacheDir, { recursive: true, withFileTypes: true }).filter(
      (entry) =>
        entry.isFile() &&
        readFileSync(join(entry.parentPath, entry.name), 'utf8') === 'only in this database',
    );
    expect(lost).toHaveLength(1);
    for (const entry of lost) rmSync(join(entry.parentPath, entry.name));
    expect(await run('2026-01-02')).toEqual(['vuln-db']);
  });

  it('that holds nothing, or a link, makes it and its reader incomplete', async () => {
    const one = newBench({ 'a.py': '1' }, parseTree);
    const empty = join(one.root, 'empty');
    mkdirSync(empty);
    const carried = { databases: new Map([['vuln-db', empty]]) };
    const first = await one.run([dbStage, scan()], fakeRuntime({}), carried);
    expect(first.results.map(({ state }) => state)).toEqual(['incomplete', 'incomplete']);
    const links = fakeRuntime({ 'vuln-db': { outputs: { 'db/a': '1' }, links: { 'db/b': '/etc/passwd' } } });
    const second = await one.run([dbStage, scan()], links);
    expect(second.results.map(({ state }) => state)).toEqual(['incomplete', 'incomplete']);
    symlinkSync('/etc/passwd', join(empty, 'link'));
    const third = await one.run([dbStage, scan()], fakeRuntime({}), carried);
    expect(third.results.map(({ state }) => state)).toEqual(['incomplete', 'incomplete']);
  });
});

describe('a target without files', () => {
  const api = fakeScanner('api', {
    requires: { target: 'http', details: [['openapi', 'graphql']], files: ['openapi'], auth: true },
  });

  it('gives its details to the command, its files to the view and its credential to the stage', () => {
    const plan = planned(model([tool('api')], { targets: [source, http] }), context([api]));
    expect(stageOf(plan, 'api:api')).toMatchObject({
      target: { kind: 'http', name: 'api', details: { openapi: 'api.json' } },
      selection: { include: ['api.json', 'api.json/**'] },
      secrets: ['TOKEN'],
    });
  });

  it('that lacks what a tool needs is not applicable, with the reason', () => {
    const bare = { ...http, details: { url: 'http://127.0.0.1:1' } };
    const outcome = planStages(
      model([tool('api'), tool('reader')], { targets: [source, bare] }),
      context([api, reader]),
    );
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
    const left = {
      tool: 'api',
      state: 'not-applicable',
      reason: {
        kind: 'target-lacks',
        targetKind: 'http',
        targets: ['api'],
        details: ['openapi', 'graphql'],
      },
      text: expect.stringContaining('openapi or graphql'),
    };
    expect(outcome.value.notPlanned).toEqual([left]);
  });

  it('is done only when something was looked at, files or none', async () => {
    const one = newBench();
    const bare = toolStage('api:api', {
      selection: { include: [] },
      target: { kind: 'http', name: 'api', details: { url: 'http://127.0.0.1:7/' } },
    });
    const endpoints: (string | undefined)[] = [];
    const script = (examined: number): Script => ({
      outputs: { 'report.json': report([], examined) },
      seen: ({ endpoint }) => endpoints.push(endpoint),
    });
    const looked = await one.run([bare], fakeRuntime({ 'api:api': script(1) }));
    expect(looked.results).toMatchObject([{ state: 'done' }]);
    const blind = await one.run([bare], fakeRuntime({ 'api:api': script(0) }), {
      endpoint: () => 'http://stack:80',
    });
    expect(blind.results).toMatchObject([{ state: 'incomplete', failure: { reason: 'nothing-examined' } }]);
    expect(endpoints).toEqual(['http://127.0.0.1:7/', 'http://stack:80']);
  });

  it('whose named file is gone is incomplete, never not applicable', async () => {
    const one = newBench({ 'other.json': '{}' });
    const gone = toolStage('api:api', {
      selection: { include: ['api.json', 'api.json/**'] },
      target: { kind: 'http', name: 'api', details: { openapi: 'api.json' } },
    });
    const { results } = await one.run([gone], fakeRuntime({}));
    expect(results).toMatchObject([{ state: 'incomplete', failure: { reason: 'requirement-unmet' } }]);
  });
});

describe('a stage', () => {
  it('without its appliesIf among the files is not applicable, and says what it looked for', async () => {
    const rails = toolStage('rails', {
      selection: { include: ['**/*.rb'] },
      appliesIf: ['**/application.rb'],
    });
    const without = await newBench({ 'lib/a.rb': '1' }).run([rails], fakeRuntime({}));
    expect(without.results).toMatchObject([
      { state: 'not-applicable', why: { kind: 'does-not-apply', appliesIf: ['**/application.rb'] } },
    ]);
    const one = newBench({ 'config/application.rb': '1' });
    const found = await one.run([rails], fakeRuntime({ rails: { outputs: CLEAN } }));
    expect(found.results).toMatchObject([{ state: 'done' }]);
  });

  it('that needs a privilege runs only where the runtime grants it', async () => {
    const one = newBench();
    const stage = toolStage('probe', { privileges: ['SYS_ADMIN'], outputSpecs: [REPORT] });
    const plain = fakeRuntime({ probe: { outputs: CLEAN } });
    const refused = await one.run([stage], plain);
    expect(refused.results).toMatchObject([
      { state: 'incomplete', failure: { reason: 'requirement-unmet' } },
    ]);
    expect(plain.calls).toEqual([]);
    const granted = await one.run([stage], { ...plain, grants: new Set(['SYS_ADMIN']) });
    expect(granted.results).toMatchObject([{ state: 'done' }]);
  });
});

describe('a file that only a target names', () => {
  it('is seen though a rule leaves it out, by stages of such targets and by no others', async () => {
    const one = newBench({ 'a.py': '1', 'node_modules/image.tar': 'layers', 'node_modules/x.js': '1' });
    const taken = await takeInventory({
      root: one.workspace,
      indexFile: join(one.root, 'index'),
      named: ['node_modules/image.tar'],
    });
    if (!taken.ok) throw new Error('no inventory');
    expect(taken.value.files.map(({ path, named }) => [path, named])).toEqual([
      ['a.py', undefined],
      ['node_modules/image.tar', true],
    ]);
    const seen: Record<string, readonly string[]> = {};
    const look = (id: string): Script => ({
      outputs: CLEAN,
      seen: ({ input }) => {
        seen[id] = input.files.map(({ path }) => path);
      },
    });
    const image = toolStage('image:app', {
      selection: { include: ['node_modules/image.tar'] },
      target: { kind: 'image', name: 'app', path: 'node_modules/image.tar' },
    });
    const runtime = fakeRuntime({ all: look('all'), 'image:app': look('image') });
    await one.run([toolStage('all'), image], runtime, { inventory: taken.value });
    expect(seen).toEqual({ all: ['a.py'], image: ['node_modules/image.tar'] });
  });
});
