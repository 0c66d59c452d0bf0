import { expect, test } from 'vitest';
import type { Model } from '../../../src/compiler/model/model.ts';
import { BUILT_IN_PROFILES, builtInToolIds } from '../../../src/compiler/names/profiles.ts';
import { parseJson } from '../../../src/compiler/read/parse-json.ts';
import { type ResolveRequest, resolve } from '../../../src/compiler/resolve/resolve.ts';
import { validate } from '../../../src/compiler/validate/validate.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { renderDiagnostics } from '../../../src/core/render-diagnostic.ts';
import { fakeCatalogue } from '../../support/compiler-catalogue.ts';

const facts = { lookup: () => 'folder' as const };

function outcome(part: object, request: Partial<ResolveRequest> = {}): Outcome<Model> {
  const manifest = { apiVersion: 'secplan/v1', metadata: { name: 'shop' }, ...part };
  const tree = parseJson('m.json', JSON.stringify(manifest));
  if (!tree.ok) throw new Error(renderDiagnostics(tree.diagnostics));
  const valid = validate(tree.value);
  if (!valid.ok) throw new Error(renderDiagnostics(valid.diagnostics));
  const { place, keyPlace } = tree.value;
  return resolve(
    { manifest: valid.value, place, keyPlace },
    { catalogue: fakeCatalogue(), facts, ...request },
  );
}

function model(part: object, request: Partial<ResolveRequest> = {}): Model {
  const result = outcome(part, request);
  if (!result.ok) throw new Error(renderDiagnostics(result.diagnostics));
  return result.value;
}

const codes = (part: object, request: Partial<ResolveRequest> = {}) =>
  outcome(part, request).diagnostics.map((found) => found.code);
const ids = (resolved: Model) => resolved.tools.map((tool) => String(tool.id));
const left = (resolved: Model, id: string) => resolved.notPlanned.find((tool) => tool.tool === id);

test('without a profile it is light, and what it holds that is not there yet is left out by name', () => {
  const light = model({});
  expect(light.profile).toBe('light');
  expect(light.policy.slaMs).toBe(600_000);
  expect(ids(light)).toEqual(['bandit', 'detect-secrets', 'opengrep', 'ruff', 'trivy-fs']);
  expect(left(light, 'presidio')).toMatchObject({ state: 'disabled', reason: { kind: 'not-in-version' } });
  expect(left(light, 'gitleaks')).toMatchObject({
    state: 'disabled',
    reason: { kind: 'not-in-profile', profile: 'light' },
  });
});

test.each([
  ['smoke', 30_000, ['smoke']],
  ['fast', 120_000, ['smoke', 'fast']],
  ['medium', 240_000, ['smoke', 'fast', 'medium']],
  ['light', 600_000, ['light']],
  ['standard', 480_000, ['smoke', 'fast', 'medium', 'standard']],
  ['full', 900_000, ['smoke', 'fast', 'medium', 'standard', 'full']],
  ['heavy', 2_700_000, ['smoke', 'fast', 'medium', 'standard', 'full', 'heavy']],
])('built-in profile %s', (profile, slaMs, chain) => {
  const everything = fakeCatalogue([...builtInToolIds()]);
  const resolved = model({}, { profile, catalogue: everything });
  expect(resolved.policy.slaMs).toBe(slaMs);
  expect(resolved.profileChain).toEqual(chain);
  const held = chain.flatMap((name) => BUILT_IN_PROFILES.get(name)?.enable ?? []);
  expect(ids(resolved)).toEqual([...new Set(held)].sort());
});

test('later wins: chain from base to leaf, then tools.<id>.enabled, then --only, then --skip', () => {
  const part = {
    tools: { syft: { enabled: true }, bandit: { enabled: false } },
    profiles: {
      base: { extends: 'light', tools: { disable: ['ruff', 'opengrep'], enable: ['gitleaks'] } },
      leaf: { extends: 'base', tools: { enable: ['ruff', 'bandit'], disable: ['gitleaks'] } },
    },
  };
  const resolved = model(part, { profile: 'leaf' });
  expect(resolved.profileChain).toEqual(['light', 'base', 'leaf']);
  expect(ids(resolved)).toEqual(['detect-secrets', 'ruff', 'syft', 'trivy-fs']);
  expect(left(resolved, 'opengrep')?.reason).toEqual({ kind: 'disabled-by-profile', profile: 'base' });
  expect(left(resolved, 'gitleaks')?.reason).toEqual({ kind: 'disabled-by-profile', profile: 'leaf' });
  expect(left(resolved, 'bandit')?.reason).toEqual({
    kind: 'disabled-by-setting',
    setting: 'tools.bandit.enabled',
  });
  const narrowed = model(part, { profile: 'leaf', only: ['bandit', 'ruff'], skip: ['ruff', 'presidio'] });
  expect(ids(narrowed)).toEqual(['bandit']);
  expect(left(narrowed, 'ruff')).toMatchObject({ state: 'skipped', reason: { kind: 'skipped-by-flag' } });
  expect(left(narrowed, 'syft')).toMatchObject({ state: 'skipped', reason: { kind: 'not-named-by-only' } });
  expect(left(narrowed, 'gitleaks')?.state).toBe('disabled');
});

test('configuring a tool does not enable it, but names it', () => {
  const resolved = model({ tools: { gitleaks: { timeout: '1m' }, ruff: { timeout: '1h30m' } } });
  expect(ids(resolved)).not.toContain('gitleaks');
  expect(resolved.tools.find((tool) => tool.id === 'ruff')).toMatchObject({
    named: true,
    pointer: '/tools/ruff',
    timeoutMs: 5_400_000,
  });
  expect(resolved.tools.find((tool) => tool.id === 'bandit')).toMatchObject({ named: false, pointer: '' });
});

test('options: the profile wins over the tool, mappings merge, lists replace', () => {
  const catalogue = fakeCatalogue(['alpha']);
  const resolved = model(
    {
      tools: { alpha: { options: { list: [1, 2], deep: { a: 1, b: 1 }, kept: true } } },
      profiles: {
        base: { tools: { enable: ['alpha'], options: { alpha: { list: [3], deep: { b: 2 } } } } },
        leaf: { extends: 'base', tools: { options: { alpha: { deep: { c: 3 } } } } },
      },
    },
    { profile: 'leaf', catalogue },
  );
  expect(resolved.tools[0]?.options).toEqual({ list: [3], deep: { a: 1, b: 2, c: 3 }, kept: true });
});

test('an entry with a built-in name amends it; with another base it replaces it', () => {
  const amended = model({ profiles: { light: { tools: { enable: ['syft'] }, sla: '1m' } } });
  expect(ids(amended)).toContain('syft');
  expect(ids(amended)).toContain('ruff');
  expect(amended.policy.slaMs).toBe(60_000);
  const replaced = model({ profiles: { light: { extends: 'smoke' } } });
  expect(ids(replaced)).toEqual(['detect-secrets', 'ruff']);
});

const high = (count: number) => ({ high: count });
test.each([
  ['--policy FILE', {}, 9],
  ['profiles.leaf.budgets', {}, 1],
  ['policy.budgets.leaf', { leafBudgets: undefined }, 2],
  ['profiles.base.budgets', { leafBudgets: undefined, leafPolicy: undefined }, 3],
  ['policy.budgets.base', { leafBudgets: undefined, leafPolicy: undefined, baseBudgets: undefined }, 4],
  [
    'policy.budgets.default',
    { leafBudgets: undefined, leafPolicy: undefined, baseBudgets: undefined, basePolicy: undefined },
    5,
  ],
])('effective budget: %s', (origin, without, expected) => {
  const all = {
    leafBudgets: high(1),
    leafPolicy: high(2),
    baseBudgets: high(3),
    basePolicy: high(4),
    ...without,
  };
  const part = {
    profiles: {
      leaf: { extends: 'base', budgets: all.leafBudgets },
      base: { extends: 'light', budgets: all.baseBudgets },
    },
    policy: { budgets: { leaf: all.leafPolicy, base: all.basePolicy, default: high(5) } },
  };
  const override = origin === '--policy FILE' ? { policyOverride: high(9) } : {};
  const { budgets } = model(part, { profile: 'leaf', ...override }).policy;
  expect(budgets).toMatchObject({ origin, overall: { high: expected } });
});

test('without any budget: critical 0, high 5, the rest unlimited', () => {
  expect(model({}).policy.budgets).toMatchObject({ origin: 'built-in', overall: { critical: 0, high: 5 } });
  expect(Object.keys(model({}).policy.budgets.overall)).toEqual(['critical', 'high']);
});

test('targets: the source tree is always one; the rest is sorted and normalised', () => {
  const { targets } = model({
    targets: {
      source: { path: './src/', exclude: ['b', 'a', 'b'] },
      iac: [
        { name: 'z', path: 'k8s/../deploy' },
        { name: 'a', path: '.' },
      ],
    },
  });
  expect(targets.map(({ kind, name, path }) => `${kind} ${name} ${path}`)).toEqual([
    'iac a .',
    'iac z deploy',
    'source source src',
  ]);
  expect(targets.at(-1)?.exclude).toEqual(['a', 'b']);
});

test('the order of what has no order does not change the model', () => {
  const waiver = (rule: string) => ({ match: { rule }, reason: 'r', owner: 'o', expires: '2027-01-31' });
  const part = (turn: <T>(list: T[]) => T[]) => ({
    profiles: { pr: { extends: 'light', tools: { enable: turn(['syft', 'gitleaks']) } } },
    policy: { waivers: turn([waiver('a'), waiver('b')]), coverage: { require: turn(['sast', 'ruff']) } },
    targets: { source: { exclude: turn(['x', 'y']) } },
  });
  const request = { profile: 'pr' };
  expect(
    model(
      part((list) => list),
      request,
    ),
  ).toEqual(
    model(
      part((list) => list.toReversed()),
      request,
    ),
  );
});

test('custom stages', () => {
  const mine = {
    command: ['./scan.sh'],
    report: 'sarif',
    needs: ['ruff'],
    timeout: '30s',
    resources: { memory: '1GiB', processes: 40, files: 100, output: '10MiB' },
  };
  const resolved = model(
    {
      tools: { custom: { mine } },
      profiles: { pr: { tools: { enable: ['mine'] } } },
    },
    { profile: 'pr' },
  );
  expect(resolved.tools[0]).toMatchObject({
    id: 'mine',
    definition: 'custom',
    needs: ['ruff'],
    timeoutMs: 30_000,
    resources: { memoryMb: 1024, processes: 40, files: 100, outputMb: 10 },
    options: { command: ['./scan.sh'], report: 'sarif', inputs: ['**'], category: 'sast' },
  });
});

test('the definition behind custom stages is no tool', () => {
  const catalogue = fakeCatalogue(['ruff', 'custom']);
  expect(left(model({}, { catalogue }), 'custom')).toBeUndefined();
  expect(codes({}, { catalogue, only: ['custom'] })).toEqual(['SP2006']);
});

test('presidio looks at a sample but in full', () => {
  const catalogue = fakeCatalogue(['presidio'], { presidio: 'privacy' });
  const sample = (profile: string) => model({}, { catalogue, profile }).tools[0]?.options;
  expect(sample('light')).toEqual({ sample: true });
  expect(sample('standard')).toEqual({ sample: true });
  expect(sample('full')).toEqual({ sample: false });
});

test('paths: missing, outside through a link, neither file nor folder', () => {
  const at = (fact: 'missing' | 'outside' | 'other') =>
    codes({ targets: { source: { path: 'src' } } }, { facts: { lookup: () => fact } });
  expect(at('missing')).toEqual(['SP2012']);
  expect(at('outside')).toEqual(['SP2011']);
  expect(at('other')).toEqual(['SP2012']);
});

test('a tool of a built-in profile that is not there yet may be switched off, not on', () => {
  expect(codes({ tools: { presidio: { enabled: false } } })).toEqual([]);
  expect(codes({ tools: { presidio: { enabled: true } } })).toEqual(['SP2006']);
  expect(codes({ profiles: { pr: { tools: { disable: ['presidio'] } } } })).toEqual([]);
  expect(codes({ profiles: { pr: { tools: { enable: ['presidio'] } } } })).toEqual(['SP2006']);
  expect(codes({}, { skip: ['presidio'] })).toEqual([]);
  expect(codes({}, { only: ['presidio'] })).toEqual(['SP2006']);
});

test('a kind of target is supported as soon as a scanner looks at it', () => {
  const part = { targets: { images: [{ name: 'a', ref: 'x' }] } };
  expect(codes(part)).toEqual(['SP2020']);
  expect(
    codes(part, { catalogue: fakeCatalogue(['ruff', 'trivy-image'], { 'trivy-image': 'image' }) }),
  ).toEqual([]);
});

test('an image of a custom stage: its address, tag and digest, or a diagnostic', () => {
  const mine = (image: string) => ({
    tools: { custom: { mine: { image, report: 'sarif', enabled: true } } },
  });
  const pin = `sha256:${'a'.repeat(64)}`;
  const built = (image: string) => model(mine(image)).tools.find(({ id }) => id === 'mine');
  expect(built(`ghcr.io/o/n:1@${pin}`)).toMatchObject({
    image: { registry: 'ghcr.io', repository: 'o/n' },
    version: '1',
    digest: pin,
  });
  expect(built('alpine')).toMatchObject({ image: { repository: 'library/alpine' }, version: 'latest' });
  expect(built('alpine')?.digest).toBeUndefined();
  expect(codes(mine('Not An Image'))).toEqual(['SP2005']);
  expect(codes(mine('alpine@sha256:short'))).toEqual(['SP2005']);
});

test('stack: heavy does without, a profile of the manifest and --requires-stack do not', () => {
  expect(model({}, { profile: 'heavy' }).requiresStack).toBe(true);
  expect(codes({}, { requiresStack: true })).toEqual(['SP2018']);
  expect(codes({ profiles: { pr: { requiresStack: true } } }, { profile: 'pr' })).toEqual(['SP2018']);
});
