import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/core/canonical.ts';
import type { Diagnostic } from '../../../src/core/diagnostic.ts';
import { digest } from '../../../src/core/ids.ts';
import { sealEntry, withEntry } from '../../../src/lock/lock.ts';
import type { Plan, ToolStage } from '../../../src/planner/ir/ir.ts';
import { loadCommands } from '../../../src/planner/load-commands.ts';
import { planStages } from '../../../src/planner/plan.ts';
import type { Provider } from '../../../src/stages/contract/provider.ts';
import { fakeScanner } from '../../support/fake-scanner.ts';
import { leftOut } from '../../support/left-out.ts';
import {
  context,
  custom,
  customTool,
  lock,
  model,
  planned,
  source,
  tool,
} from '../../support/planner-rig.ts';

const bandit = fakeScanner('bandit');
const syft = fakeScanner('syft', {
  kind: 'sbom',
  outputs: [{ name: 'sbom', type: 'cyclonedx', mediaType: 'application/vnd.cyclonedx+json', file: 's.json' }],
});
const grype = fakeScanner('grype', {
  requires: { target: 'source', consumes: [{ name: 'sbom', type: 'cyclonedx', from: 'syft' }] },
});
const trivy = fakeScanner('trivy-image', { requires: { target: 'image' } });

function stage(plan: Plan, id: string): ToolStage {
  const found = plan.stages.find((candidate) => candidate.id === id);
  if (found === undefined || !('tool' in found)) throw new Error(`no tool stage ${id}`);
  return found;
}

function errors(planModel: Parameters<typeof planStages>[0], planContext: Parameters<typeof planStages>[1]) {
  const outcome = planStages(planModel, planContext);
  expect(outcome.ok).toBe(false);
  return outcome.diagnostics;
}

const codes = (diagnostics: readonly Diagnostic[]) => diagnostics.map(({ code }) => code);

describe('expand tools', () => {
  it('names the stage of the workspace by its tool and closes with aggregate, gate, report and attest', () => {
    const plan = planned(model([tool('bandit')]), context([bandit]));
    expect(plan.stages.map(({ id, needs }) => [id, needs])).toEqual([
      ['aggregate', ['bandit']],
      ['attest', ['report']],
      ['bandit', []],
      ['gate', ['aggregate']],
      ['report', ['aggregate', 'gate']],
    ]);
    expect(stage(plan, 'bandit').timeoutMs).toBe(60_000);
  });

  it('makes one stage for each target and lists a tool without one as not applicable', () => {
    const image = (name: string) => ({
      ...source,
      kind: 'image' as const,
      name,
      details: { ref: name },
      path: undefined,
    });
    const targets = [source, image('web'), image('api')].map(({ path, ...rest }) =>
      path === undefined ? rest : { ...rest, path },
    );
    const two = planned(model([tool('trivy-image')], { targets }), context([trivy]));
    expect(two.stages.map(({ id }) => id)).toContain('trivy-image:api');
    expect(two.stages.map(({ id }) => id)).toContain('trivy-image:web');
    const none = planned(model([tool('bandit'), tool('trivy-image')]), context([bandit, trivy]));
    expect(none.notPlanned).toEqual([
      leftOut('trivy-image', 'not-applicable', { kind: 'no-target', targetKind: 'image' }),
    ]);
  });

  it('refuses a target whose name cannot be part of an id', () => {
    const targets = [
      source,
      { ...source, kind: 'image' as const, name: 'a b', pointer: '/targets/images/0' },
    ];
    const found = errors(model([tool('trivy-image')], { targets }), context([trivy]));
    expect(found[0]).toMatchObject({ code: 'SP2005', pointer: '/targets/images/0/name', value: 'a b' });
  });

  it('lets the manifest override timeout, network, secrets and resources', () => {
    const settings = {
      timeoutMs: 5,
      network: { egress: ['x.org'] },
      secrets: ['B', 'A', 'B'],
      resources: { cpus: 3 },
      retries: 2,
    };
    const plan = planned(model([tool('bandit', settings)]), context([bandit]));
    expect(stage(plan, 'bandit')).toMatchObject({
      timeoutMs: 5,
      network: { egress: ['x.org'] },
      secrets: ['A', 'B'],
      resources: { cpus: 3, memoryMb: 256 },
      retries: 2,
    });
  });

  it('applies the defaults of the options and hands them to steps', () => {
    const strict = fakeScanner('strict', {
      optionDefaults: { level: 3 },
      steps: ({ options, args }) => [
        {
          id: 'scan',
          argv: ['strict', String((options as { level: number }).level), ...args],
          exits: { '0': 'clean' },
        },
      ],
      notChecked: (options) => [`above ${(options as { level: number }).level}`],
    });
    const plan = planned(model([tool('strict', { args: ['-x'] })]), context([strict]));
    expect(stage(plan, 'strict').options).toEqual({ level: 3 });
    expect(stage(plan, 'strict').notChecked).toEqual([
      { kind: 'by-option', what: 'above 3', text: 'above 3' },
    ]);
    expect(stage(plan, 'strict').providers[0]?.steps[0]?.argv).toEqual(['strict', '3', '-x']);
    const set = planned(model([tool('strict', { options: { level: 5 } })]), context([strict]));
    expect(stage(set, 'strict').options).toEqual({ level: 5 });
  });

  it('reports an unknown scanner with the nearest id', () => {
    expect(errors(model([tool('bandti')]), context([bandit], { commands: new Map() }))[0]).toMatchObject({
      code: 'SP2006',
      didYouMean: 'bandit',
    });
  });

  it('puts digests of assets and of the scripts that a custom command starts into the plan', () => {
    const packed = fakeScanner('packed', { assets: { rules: 'rules/x' } });
    const script = (path: string) => (path === 'mine.sh' ? digestOf('v1') : undefined);
    const plan = planned(
      model([tool('packed'), customTool('mine')]),
      context([packed, custom], { scriptDigest: script }),
    );
    expect(stage(plan, 'packed').assets).toEqual({ rules: { path: 'rules/x', digest: digestOf('rules/x') } });
    expect(stage(plan, 'mine').scripts).toEqual({ 'mine.sh': digestOf('v1') });
    expect(stage(plan, 'mine').selection.include).toEqual(['mine.sh', 'src/**']);
  });

  it.each([
    ['sh', './tools/../mine.sh'],
    ['sh', 'src/../mine.sh'],
    ['env', './/mine.sh'],
  ])('knows the script of %s %s as the one that it starts', (...command) => {
    const script = (path: string) => (path === 'mine.sh' ? digestOf('v1') : undefined);
    const options = { command, report: 'sarif', inputs: ['src/**'] };
    const plan = planned(
      model([customTool('mine', [], { options })]),
      context([custom], { scriptDigest: script }),
    );
    expect(stage(plan, 'mine').scripts).toEqual({ 'mine.sh': digestOf('v1') });
  });

  it('asks for no script outside the workspace', () => {
    const asked: string[] = [];
    const options = {
      command: ['sh', '../mine.sh', 'a/../../mine.sh', '..', '/mine.sh', '-x', ''],
      inputs: [],
    };
    planned(
      model([customTool('mine', [], { options })]),
      context([custom], {
        scriptDigest: (path) => {
          asked.push(path);
          return undefined;
        },
      }),
    );
    expect(asked).toEqual(['sh']);
  });

  it('has no stage twice and does not let a custom stage take an engine stage’s id', () => {
    expect(codes(errors(model([customTool('gate')]), context([custom])))).toEqual(['SP3003']);
    expect(codes(errors(model([tool('bandit'), tool('bandit')]), context([bandit])))).toEqual(['SP3003']);
  });

  it('refuses a plan without a scanner and says why each is out', () => {
    const left = [leftOut('bandit', 'skipped', { kind: 'skipped-by-flag' })];
    const found = errors(model([], { notPlanned: left }), context([]));
    expect(found[0]).toMatchObject({
      code: 'SP3007',
      related: [{ message: 'bandit is skipped: --skip' }],
    });
  });
});

describe('selection', () => {
  const select = (include: string[], exclude: string[], path = '.') => {
    const target = { ...source, path, include, exclude };
    const { selection, excludedByManifest } = stage(
      planned(model([tool('bandit')], { targets: [target] }), context([bandit])),
      'bandit',
    );
    return { ...selection, excludedByManifest };
  };

  it('keeps the scanner’s own where the target narrows nothing', () => {
    expect(select([], [])).toEqual({ include: ['**/*.py'], excludedByManifest: [] });
    expect(select(['**'], [])).toEqual({ include: ['**/*.py'], excludedByManifest: [] });
  });

  it('asks for both where both narrow, and joins what either excludes', () => {
    expect(select(['./src/**'], ['vendor/'])).toEqual({
      include: ['**/*.py'],
      limitTo: ['src/**'],
      exclude: ['vendor/**'],
      excludedByManifest: ['vendor/**'],
    });
  });

  it('puts globs below the target’s folder, whose own name is no pattern', () => {
    expect(select(['a/**'], ['b.py'], './sub{1}')).toEqual({
      include: ['sub\\{1\\}/**/*.py'],
      limitTo: ['sub\\{1\\}/a/**'],
      exclude: ['sub\\{1\\}/b.py'],
      excludedByManifest: ['sub\\{1\\}/b.py'],
    });
  });
});

describe('apply providers', () => {
  const own: Provider = { name: 'release', runtime: 'local', kind: 'release', package: 'x', bin: 'x' };
  const path: Provider = { name: 'path', runtime: 'local', kind: 'path', package: 'x', bin: 'x' };
  const third: Provider = {
    name: 'repack',
    runtime: 'local',
    kind: 'pypi',
    package: 'x-ecc',
    bin: 'x',
    thirdParty: 'ecc',
  };
  const image: Provider = { name: 'image', runtime: 'dagger', kind: 'image', package: 'x/x', bin: 'x' };
  const x = fakeScanner('x', { providers: [path, third, own, image] });
  const order = (plan: Plan) => stage(plan, 'x').providers.map(({ provider }) => provider.name);

  it('leaves third parties out unless named, and puts pinned ones first', () => {
    const plan = planned(model([tool('x')]), context([x], { lock: lock(['x'], 'release') }));
    expect(order(plan)).toEqual(['release', 'path', 'image']);
    expect(stage(plan, 'x').providers[0]).toMatchObject({ version: '1.2.3', digest: digestOf('x 1.2.3') });
    expect(stage(plan, 'x').providers[1]).toMatchObject({ version: null, digest: null });
  });

  it('uses a named one alone of its runtime, and says that it is a third party’s', () => {
    const outcome = planStages(
      model([tool('x', { provider: 'repack' })]),
      context([x], { lock: lock(['x'], 'repack') }),
    );
    expect(outcome.ok && order(outcome.value)).toEqual(['repack', 'image']);
    expect(codes(outcome.diagnostics)).toEqual(['SP3009']);
  });

  it('puts what is built here after every other pinned one', () => {
    const go: Provider = { name: 'go', runtime: 'local', kind: 'go', package: 'x', bin: 'x' };
    const y = fakeScanner('x', { providers: [go, path, own] });
    const both = ['go', 'release'].map((name) => lock(['x'], name).tools.x);
    const tools = { x: { ...both[0], ...both[1] } };
    const plan = planned(model([tool('x')]), context([y], { lock: { ...lock([]), tools } }));
    expect(order(plan)).toEqual(['release', 'go', 'path']);
  });

  it('lists the machines of a release whose hash two sources publish, and all of one that the manifest names', () => {
    const file = { url: 'https://x.example/x', sha256: '0'.repeat(64) };
    const files = { 'linux-x64': { ...file, sources: 2 }, 'linux-arm64': { ...file, sources: 1 }, any: file };
    const release = sealEntry({ kind: 'release', package: 'x', version: '1', packages: [], files });
    const pins = { lock: withEntry(lock([]), 'x', 'release', release) };
    const platforms = (provider?: string) =>
      stage(planned(model([tool('x', provider === undefined ? {} : { provider })]), context([x], pins)), 'x')
        .providers[0]?.platforms;
    expect(platforms()).toEqual(['any', 'linux-x64']);
    expect(platforms('release')).toEqual(['any', 'linux-arm64', 'linux-x64']);
  });

  it('refuses a version that is known to be malicious, at its place', () => {
    const bad = { ...own, refused: [{ versions: ['v1.2.3'], advisory: 'GHSA-0' }] };
    const scanner = fakeScanner('x', { providers: [path, bad] });
    const pins = { lock: lock(['x'], 'release') };
    const byLock = errors(model([tool('x')]), context([scanner], pins));
    expect(byLock).toMatchObject([{ code: 'SP4016', summary: 'x 1.2.3 from release is malicious (GHSA-0)' }]);
    const other = planStages(model([tool('x', { version: '1.2.4' })]), context([scanner], pins));
    expect(codes(other.diagnostics)).not.toContain('SP4016');
    const byManifest = errors(
      model([tool('x', { version: '1.2.3' })]),
      context([scanner], { lock: lock([]) }),
    );
    expect(codes(byManifest)).toEqual(['SP4016']);
  });

  it('warns of an unpinned tool', () => {
    const outcome = planStages(model([tool('x')]), context([x], { lock: lock([]) }));
    expect(codes(outcome.diagnostics)).toEqual(['SP3008']);
  });

  it('takes a version of the manifest that the lock does not hold as unpinned', () => {
    const plan = planned(
      model([tool('x', { version: '9.9.9' })]),
      context([x], { lock: lock(['x'], 'release') }),
    );
    expect(stage(plan, 'x').providers.map(({ version, digest: pin }) => [version, pin])).toEqual([
      ['9.9.9', null],
      ['9.9.9', null],
      ['9.9.9', null],
    ]);
  });

  it('takes a digest of the manifest before the lock’s', () => {
    const pin = digest(`sha256:${'a'.repeat(64)}`);
    const plan = planned(
      model([tool('x', { provider: 'image', digest: pin })]),
      context([x], { lock: lock([]) }),
    );
    expect(stage(plan, 'x').providers[0]).toMatchObject({ provider: { name: 'image' }, digest: pin });
    expect(
      stage(plan, 'x')
        .providers.slice(1)
        .every(({ digest: other }) => other === null),
    ).toBe(true);
  });

  it('runs a custom stage in the image that it names, and on no runtime without images', () => {
    const image = { registry: 'docker.io', repository: 'org/tool' };
    const pin = digest(`sha256:${'b'.repeat(64)}`);
    const own = (changes: object) =>
      customTool('mine', [], { named: true, image, version: '3', options: {}, ...changes });
    const on = (runtime: 'dagger' | 'local', changes: object) =>
      planStages(model([own(changes)], { runtime }), context([custom]));
    const plan = on('dagger', { digest: pin });
    expect(plan.ok && stage(plan.value, 'mine').providers).toMatchObject([
      {
        provider: { name: 'image', runtime: 'dagger', kind: 'image', package: 'docker.io/org/tool' },
        version: '3',
        digest: pin,
      },
    ]);
    expect(plan.diagnostics).toEqual([]);
    expect(on('dagger', {}).diagnostics).toMatchObject([
      { code: 'SP3008', pointer: '/tools/custom/mine/image' },
    ]);
    const refused = on('local', { digest: pin });
    expect(refused.ok).toBe(false);
    expect(refused.diagnostics).toMatchObject([{ code: 'SP3004', allowed: ['image (dagger)'] }]);
  });

  it('refuses a provider that does not exist, with the nearest', () => {
    const found = errors(model([tool('x', { provider: 'relaese' })]), context([x]));
    expect(found[0]).toMatchObject({ code: 'SP3004', pointer: '/tools/x/provider', didYouMean: 'release' });
  });

  it('refuses a named tool that no provider can bring, and keeps one that a built-in profile asks for', () => {
    const only = fakeScanner('x', { providers: [third] });
    const found = errors(model([tool('x', { named: true, pointer: '/tools/x' })]), context([only]));
    expect(found[0]).toMatchObject({ code: 'SP3004', pointer: '/tools/x' });
    expect(found[0]?.help).toContain('repack');
    expect(order(planned(model([tool('x')]), context([only])))).toEqual([]);
  });

  it('does not take what every object inherits for a lock entry', () => {
    const odd = fakeScanner('constructor', { providers: [{ ...own, name: 'name' }] });
    const plan = planned(model([tool('constructor')]), context([odd], { lock: lock([]) }));
    expect(stage(plan, 'constructor').providers[0]).toMatchObject({ version: null, digest: null });
  });
});

describe('connect', () => {
  it('ties a consumer to its producer', () => {
    const plan = planned(model([tool('grype'), tool('syft')]), context([grype, syft]));
    expect(stage(plan, 'grype').needs).toEqual(['syft']);
    expect(stage(plan, 'grype').inputs).toEqual([{ name: 'sbom', id: 'syft/sbom', type: 'cyclonedx' }]);
  });

  it('names a missing producer, its consumer, and who left it out', () => {
    const left = [leftOut('syft', 'disabled', { kind: 'disabled-by-profile', profile: 'pr' })];
    const pointer = '/profiles/pr/tools/enable/0';
    const found = errors(model([tool('grype', { pointer })], { notPlanned: left }), context([grype]));
    expect(found[0]).toMatchObject({ code: 'SP3002', pointer });
    expect(found[0]?.summary).toContain('grype consumes sbom (cyclonedx) of syft');
    expect(found[0]?.summary).toContain('disabled by profile pr');
  });

  it('does not take a producer that leaves another type', () => {
    const text = fakeScanner('syft', { kind: 'sbom' });
    expect(codes(errors(model([tool('grype'), tool('syft')]), context([grype, text])))).toEqual(['SP3002']);
  });

  it('orders custom stages by their needs: a stage, or all stages of a tool', () => {
    const targets = [source, ...['a', 'b'].map((name) => ({ ...source, kind: 'image' as const, name }))];
    const plan = planned(
      model([customTool('late', ['trivy-image', 'bandit']), tool('bandit'), tool('trivy-image')], {
        targets,
      }),
      context([custom, bandit, trivy]),
    );
    expect(stage(plan, 'late').needs).toEqual(['bandit', 'trivy-image:a', 'trivy-image:b']);
  });

  it('refuses a need that the plan does not hold, with its place and the nearest', () => {
    const found = errors(model([customTool('late', ['bandti']), tool('bandit')]), context([custom, bandit]));
    expect(found[0]).toMatchObject({
      code: 'SP3005',
      pointer: '/tools/custom/late/needs/0',
      value: 'bandti',
      didYouMean: 'bandit',
    });
  });

  it('names a cycle with the place of each need', () => {
    const found = errors(
      model([customTool('a', ['b']), customTool('b', ['c']), customTool('c', ['b']), customTool('d', ['a'])]),
      context([custom]),
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      code: 'SP3001',
      summary: 'stages depend on each other: b -> c -> b',
      pointer: '/tools/custom/b/needs/0',
      related: [
        { message: 'b needs c: /tools/custom/b/needs/0' },
        { message: 'c needs b: /tools/custom/c/needs/0' },
      ],
    });
  });

  it('reports mistakes of several passes at once', () => {
    const planModel = model([
      customTool('a', ['nowhere']),
      tool('bandit', { provider: 'nope' }),
      tool('grype', { pointer: '/tools/grype' }),
    ]);
    expect(codes(errors(planModel, context([custom, bandit, grype])))).toEqual([
      'SP3002',
      'SP3004',
      'SP3005',
    ]);
  });
});

describe('load commands', () => {
  it('loads what is planned and nothing else', async () => {
    const loads: string[] = [];
    const { catalogue } = context([bandit, syft]);
    const counted = new Map(
      [...catalogue].map(([id, entry]) => [
        id,
        {
          ...entry,
          command: () => {
            loads.push(id);
            return entry.command();
          },
          report: () => Promise.reject(new Error('planning reads no report')),
        },
      ]),
    );
    const loaded = await loadCommands(model([tool('bandit'), tool('unknown')]), counted);
    expect(loads).toEqual(['bandit']);
    expect([...loaded.keys()]).toEqual(['bandit']);
  });
});
