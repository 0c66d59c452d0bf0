import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../src/core/canonical.ts';
import { withText } from '../../../src/core/gap.ts';
import { artifactId, stageId, toolId } from '../../../src/core/ids.ts';
import { cacheKey, explainMiss, type KeyRequest } from '../../../src/executor/cache/cache-key.ts';
import type { ActionRecord, ReadyTool } from '../../../src/executor/ports.ts';
import type { ScanStage } from '../../../src/planner/ir/ir.ts';

const bandit: ReadyTool['provider'] = {
  provider: { name: 'pypi', runtime: 'local', kind: 'pypi', package: 'bandit', bin: 'bandit' },
  version: '1.8.6',
  digest: digestOf('bandit 1.8.6'),
  steps: [
    {
      id: 'scan',
      argv: ['bandit', '-r', { at: 'source' }],
      env: { A: 'b' },
      exits: { '0': 'clean', '1': 'findings' },
    },
  ],
};
const producer = artifactId(stageId('syft'), 'sbom');
const stage: ScanStage = {
  kind: 'scan',
  id: stageId('bandit'),
  needs: [],
  inputs: [{ name: 'sbom', id: producer, type: 'cyclonedx' }],
  outputs: [],
  tool: toolId('bandit'),
  definition: 'bandit',
  definitionDigest: digestOf('definition'),
  category: 'sast',
  target: { kind: 'source', name: 'source', path: '.' },
  selection: { include: ['**/*.py'] },
  excludedByManifest: [],
  providers: [bandit],
  options: { level: 'low', skips: ['B101'] },
  assets: { rules: { path: 'rules', digest: digestOf('rules') } },
  outputSpecs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'report.json' }],
  faults: [],
  secrets: [],
  network: 'none',
  resources: { cpus: 1, memoryMb: 512 },
  timeoutMs: 60_000,
  retries: 0,
  severityMap: {},
  notChecked: [],
};
const request: KeyRequest = {
  stage,
  tool: { provider: bandit, digest: digestOf('bandit 1.8.6'), version: '1.8.6', pinned: true },
  input: digestOf('files'),
  artifacts: new Map([[producer, digestOf('sbom')]]),
  sandboxed: true,
  platform: 'linux-x64',
};

test('a database from the network is kept for a day, and nothing else from there is', () => {
  const database: KeyRequest = {
    ...request,
    input: null,
    artifacts: new Map(),
    stage: { ...stage, inputs: [], kind: 'database', network: { egress: ['db.example.org'] } },
  };
  expect(cacheKey(database).uncacheable).toContain('network');
  const [one, two] = ['2026-01-01', '2026-01-02'].map((day) => cacheKey({ ...database, day }));
  expect([one?.uncacheable, two?.uncacheable]).toEqual([null, null]);
  expect(one?.key).not.toBe(two?.key);
  const scan: KeyRequest = {
    ...database,
    stage: { ...stage, network: { egress: ['a.example.org'] } },
    day: '2026-01-01',
  };
  expect(cacheKey(scan).uncacheable).toContain('network');
});

function withStage(change: Partial<ScanStage>): KeyRequest {
  return { ...request, stage: { ...stage, ...change } };
}
function withTool(change: Partial<KeyRequest['tool']>): KeyRequest {
  return { ...request, tool: { ...request.tool, ...change } };
}
function withArgv(...argv: readonly string[]): KeyRequest {
  return withTool({ provider: { ...bandit, steps: [{ id: 'scan', argv, exits: {} }] } });
}

/** Every change of what a tool reads or is reported, with the part that must name it. */
const CHANGES: readonly (readonly [string, string, KeyRequest])[] = [
  ['tool digest', 'tool', withTool({ digest: digestOf('bandit 1.9.0') })],
  ['tool version', 'tool', withTool({ version: '1.9.0' })],
  [
    'provider',
    'tool',
    withTool({ provider: { ...bandit, provider: { ...bandit.provider, package: 'bandit-fork' } } }),
  ],
  ['argv', 'command', withArgv('bandit', '-r', '-l')],
  [
    'environment',
    'command',
    withTool({ provider: { ...bandit, steps: [{ ...bandit.steps[0]!, env: { A: 'c' } }] } }),
  ],
  ['options', 'options', withStage({ options: { level: 'high', skips: ['B101'] } })],
  ['files', 'files', { ...request, input: digestOf('other files') }],
  ['target path', 'target', withStage({ target: { kind: 'source', name: 'source', path: 'src' } })],
  ['asset', 'assets', withStage({ assets: { rules: { path: 'rules', digest: digestOf('other') } } })],
  ['asset name', 'assets', withStage({ assets: { other: { path: 'rules', digest: digestOf('rules') } } })],
  ['artifact', 'artifacts', { ...request, artifacts: new Map([[producer, digestOf('other')]]) }],
  ['output file', 'outputs', withStage({ outputSpecs: [{ ...stage.outputSpecs[0]!, file: 'other.json' }] })],
  ['network', 'network', withStage({ network: { egress: ['example.org'] } })],
  ['secrets', 'secrets', withStage({ secrets: ['TOKEN'] })],
  ['sandbox', 'sandbox', { ...request, sandboxed: false }],
  ['platform', 'host', { ...request, platform: 'linux-arm64' }],
  ['host facts', 'host', withTool({ host: { python: '3.12' } })],
];

/** What does not change a tool's output must not cost a run of it. */
const SIDE_TABLES: readonly (readonly [string, KeyRequest])[] = [
  ['timeout', withStage({ timeoutMs: 1 })],
  ['retries', withStage({ retries: 5 })],
  ['resources', withStage({ resources: { cpus: 8, memoryMb: 1 } })],
  ['severity map', withStage({ severityMap: { LOW: 'high' } })],
  [
    'id and name',
    withStage({ id: stageId('bandit', 'x'), target: { kind: 'source', name: 'x', path: '.' } }),
  ],
  ['parser', withStage({ definitionDigest: digestOf('edited parser') })],
  ['faults', withStage({ faults: [{ in: 'stderr', pattern: 'x', meaning: 'y' }] })],
  ['place in the bundle', withStage({ outputSpecs: [{ ...stage.outputSpecs[0]!, publishAs: 'x.json' }] })],
  ['needs', withStage({ needs: [stageId('syft')] })],
  ['globs with the same files', withStage({ selection: { include: ['**'] }, excludedByManifest: ['x'] })],
  ['notChecked', withStage({ notChecked: [withText({ kind: 'by-option', what: 'x' })] })],
  ['category', withStage({ category: 'sca' })],
];

describe('the key', () => {
  test('is the same for equal requests, and known for good', () => {
    const { key, uncacheable } = cacheKey(structuredClone(request));
    expect(key).toBe(cacheKey(request).key);
    expect(uncacheable).toBeNull();
    expect(Object.keys(cacheKey(request).parts).sort()).toEqual([
      ...[
        'artifacts',
        'assets',
        'command',
        'files',
        'host',
        'network',
        'options',
        'outputs',
        'sandbox',
        'secrets',
      ],
      ...['target', 'tool'],
    ]);
  });

  test.each(CHANGES)('%s changes it, and only the part %s', (_, part, changed) => {
    const [before, after] = [cacheKey(request), cacheKey(changed)];
    expect(after.key).not.toBe(before.key);
    const parts = Object.keys(before.parts).filter((name) => before.parts[name] !== after.parts[name]);
    expect(parts).toEqual([part]);
  });

  test('no two changes give the same key', () => {
    const keys = [request, ...CHANGES.map(([, , changed]) => changed)].map((each) => cacheKey(each).key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test.each(SIDE_TABLES)('%s does not change it', (_, changed) => {
    expect(cacheKey(changed).key).toBe(cacheKey(request).key);
  });

  test('no member of a stage is forgotten: each is in a list above', () => {
    const decided = ['kind', 'inputs', 'outputs', 'tool', 'definition', 'providers'];
    for (const name of Object.keys(stage) as (keyof ScanStage)[]) {
      const listed = [...CHANGES.map(([, , c]) => c), ...SIDE_TABLES.map(([, c]) => c)].some(
        (changed) => changed.stage[name] !== stage[name],
      );
      expect(listed || decided.includes(name), name).toBe(true);
    }
  });

  test('separators cannot be played with', () => {
    expect(cacheKey(withArgv('ab', 'c')).key).not.toBe(cacheKey(withArgv('a', 'bc')).key);
    fc.assert(
      fc.property(
        fc.array(fc.string()),
        fc.array(fc.string()),
        (a, b) =>
          (cacheKey(withArgv(...a)).key === cacheKey(withArgv(...b)).key) ===
          (JSON.stringify(a) === JSON.stringify(b)),
      ),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.string()),
        fc.dictionary(fc.string(), fc.string()),
        (a, b) => {
          const sorted = (o: object) => JSON.stringify(Object.entries(o).sort());
          const same = cacheKey(withStage({ options: a })).key === cacheKey(withStage({ options: b })).key;
          return same === (sorted(a) === sorted(b));
        },
      ),
    );
  });
});

test.each([
  ['secrets', withStage({ secrets: ['TOKEN'] }), /secrets/],
  ['a stack', withStage({ network: 'stack' }), /network/],
  ['the internet', withStage({ network: { egress: ['example.org'] } }), /network/],
  ['an artifact nobody knows', { ...request, artifacts: new Map() }, /syft\/sbom is not known/],
  ['a tool nobody knows', withTool({ pinned: false, version: null }), /not pinned/],
  ['a target without files', { ...withStage({ inputs: [] }), input: null }, /not a file/],
] as const)('unknown input is uncacheable: %s', (_, changed, why) => {
  expect(cacheKey(changed).uncacheable).toMatch(why);
});

describe('explainMiss', () => {
  const now = cacheKey(request);
  const record: ActionRecord = {
    schema: 'https://secplan.dev/schema/action/v1',
    key: now.key,
    stage: stage.id,
    parts: now.parts,
    about: now.about,
    steps: [],
    sourceRoot: '/src',
    outputs: {},
  };
  const texts = (changed: KeyRequest) => explainMiss(record, cacheKey(changed)).map((reason) => reason.text);

  test('nothing to say when nothing changed', () => {
    expect(explainMiss(record, now)).toEqual([]);
  });

  test('a first run', () => {
    expect(explainMiss(undefined, now)[0]?.field).toBe('record');
  });

  test.each(CHANGES.filter(([name]) => name !== 'secrets' && name !== 'network'))(
    'names %s',
    (_, part, changed) => {
      expect(explainMiss(record, cacheKey(changed)).map((reason) => reason.field)).toEqual([part]);
    },
  );

  test('says from what to what', () => {
    expect(texts(withTool({ version: '1.9.0', digest: digestOf('x') }))[0]).toMatch(
      /^tool changed: 1\.8\.6 \(sha256:[0-9a-f]{12}\) -> 1\.9\.0 \(sha256:[0-9a-f]{12}\)$/,
    );
    expect(texts(withStage({ options: { level: 'high', new: true } }))).toEqual([
      'options changed: level "low" -> "high", new (unset) -> true, skips ["B101"] -> (unset)',
    ]);
    expect(texts({ ...request, sandboxed: false })).toEqual(['sandbox changed: on -> off']);
    expect(texts(withStage({ secrets: ['T'] }))[0]).toMatch(/^never cached: /);
  });

  test('names files, a few of them, with nothing that could drive a terminal', () => {
    const changed = cacheKey({ ...request, input: digestOf('x') });
    const files = { added: ['\u001b[2J.py'], removed: [], changed: ['1', '2', '3', '4', '5', '6', '7'] };
    expect(explainMiss(record, changed, files)).toEqual([
      { field: 'files', text: '7 files changed: 1, 2, 3, 4, 5 and 2 more; 1 file added: "\\u001b[2J.py"' },
    ]);
    expect(explainMiss(record, changed)).toEqual([{ field: 'files', text: 'files changed' }]);
  });
});
