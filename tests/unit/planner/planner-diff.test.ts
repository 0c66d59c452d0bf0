import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Model, ModelTool, PlannedPolicy } from '../../../src/compiler/model/model.ts';
import { digestOf, digestOfJson } from '../../../src/core/canonical.ts';
import { type ChangeKind, diffPlans } from '../../../src/planner/diff/diff.ts';
import type { Plan } from '../../../src/planner/ir/ir.ts';
import type { PlanContext } from '../../../src/planner/passes/draft.ts';
import type { Provider } from '../../../src/stages/contract/provider.ts';
import { fakeScanner } from '../../support/fake-scanner.ts';
import {
  context,
  custom,
  customTool,
  lock,
  model,
  planned,
  policy,
  source,
  tool,
} from '../../support/planner-rig.ts';

const pypi: Provider = { name: 'pypi', runtime: 'local', kind: 'pypi', package: 'x', bin: 'x' };
const repack: Provider = {
  name: 'repack',
  runtime: 'local',
  kind: 'pypi',
  package: 'y',
  bin: 'x',
  thirdParty: 'ecc',
};
const bandit = fakeScanner('bandit', { providers: [pypi, repack] });
const gitleaks = fakeScanner('gitleaks');
const gappy = fakeScanner('gappy', {
  notChecked: (options) => ((options as { db?: boolean }).db ? [] : ['vulnerabilities']),
});

interface Inputs {
  readonly tools?: readonly ModelTool[];
  readonly policy?: Partial<PlannedPolicy>;
  readonly model?: Partial<Model>;
  readonly context?: Partial<PlanContext>;
}

function make({
  tools = [tool('bandit')],
  policy: rules = {},
  model: rest = {},
  context: more = {},
}: Inputs): Plan {
  return planned(
    model(tools, { policy: { ...policy, ...rules }, ...rest }),
    context([bandit, custom, gappy, gitleaks], more),
  );
}

const banditWith = (changes: Partial<ModelTool>): Inputs => ({ tools: [tool('bandit', changes)] });
const waived = (expires: string): Partial<PlannedPolicy> => ({
  waivers: [{ match: { rule: 'B602' }, reason: 'wrapped', owner: 'ann@x.org', expires }],
});
const budget = (changes: Partial<PlannedPolicy['budgets']>): Inputs => ({
  policy: { budgets: { ...policy.budgets, ...changes } },
});
const scripted = (text: string): Inputs => ({
  tools: [customTool('mine')],
  context: { scriptDigest: () => digestOf(text) },
});
const at = (exclude: string[], include: string[] = [], path = '.'): Inputs => ({
  model: { targets: [{ ...source, path, include, exclude }] },
});

/** Stronger plan, weaker plan, what the weakening is called, words that it must say. */
const WEAKENINGS: readonly [string, Inputs, Inputs, ChangeKind, string][] = [
  [
    'a scanner removed',
    { tools: [tool('bandit'), tool('gitleaks')] },
    {},
    'scanner',
    'gitleaks no longer runs',
  ],
  [
    'a budget raised',
    {},
    budget({ overall: { critical: 0, high: 6 } }),
    'budget',
    'high findings (overall) is raised from 5 to 6',
  ],
  ['a budget lifted', {}, budget({ overall: { critical: 0 } }), 'budget', 'from 5 to unlimited'],
  ['a tool’s budget lifted', budget({ perTool: { bandit: { low: 1 } } }), {}, 'budget', 'tool bandit'],
  [
    'a category’s budget raised',
    budget({ perCategory: { sast: { low: 1 } } }),
    budget({ perCategory: { sast: { low: 2 } } }),
    'budget',
    'category sast',
  ],
  ['a target’s budget lifted', budget({ perTarget: { source: { low: 1 } } }), {}, 'budget', 'target source'],
  [
    'a waiver added',
    {},
    { policy: waived('2027-01-31') },
    'waiver',
    'rule B602 is now waived until 2027-01-31',
  ],
  [
    'a waiver extended',
    { policy: waived('2027-01-31') },
    { policy: waived('2027-02-01') },
    'waiver',
    'extended from 2027-01-31',
  ],
  ['a path excluded', {}, at(['vendor/']), 'path', 'vendor/** is excluded from scanning'],
  ['scanning narrowed', {}, at([], ['src/**']), 'path', 'bandit now reads only src/**'],
  ['scanning narrowed further', at([], ['a/**', 'b/**']), at([], ['a/**']), 'path', 'no longer reads b/**'],
  ['a smaller folder', {}, at([], [], 'sub'), 'path', 'at sub instead of source at .'],
  [
    'a custom stage’s inputs cut',
    { tools: [customTool('mine', [], { options: { inputs: ['a', 'b'] } })] },
    { tools: [customTool('mine', [], { options: { inputs: ['a'] } })] },
    'path',
    'no longer requires b',
  ],
  ['a timeout cut', {}, banditWith({ timeoutMs: 1000 }), 'timeout', 'cut from 60 s to 1 s'],
  [
    'the network opened to a host',
    {},
    banditWith({ network: { egress: ['x.org'] } }),
    'network',
    'may now reach "x.org"',
  ],
  ['the network opened to the stack', {}, banditWith({ network: 'stack' }), 'network', 'the stack'],
  [
    'another host',
    banditWith({ network: { egress: ['x.org'] } }),
    banditWith({ network: { egress: ['x.org', 'y.org'] } }),
    'network',
    '"y.org"',
  ],
  ['a secret given', {}, banditWith({ secrets: ['TOKEN'] }), 'secret', 'gets the secret TOKEN'],
  [
    'a digest pin dropped',
    {},
    { context: { lock: lock(['gitleaks']) } },
    'pin',
    'no longer pinned by a digest',
  ],
  ['a pin lost to a version', {}, banditWith({ version: '0.0.1' }), 'pin', 'no longer pinned'],
  ['onIncomplete relaxed', {}, { policy: { onIncomplete: 'warn' } }, 'on-incomplete', 'no longer fails'],
  [
    'required coverage dropped',
    { policy: { coverageRequire: ['sast'] } },
    {},
    'coverage',
    'coverage of sast',
  ],
  [
    'a required language dropped',
    { policy: { coverageLanguages: ['Ruby'] } },
    {},
    'coverage',
    'coverage of Ruby is no longer required',
  ],
  ['the time budget not enforced', { policy: { enforceSla: true } }, {}, 'sla', 'no longer enforced'],
  [
    'an enforced time budget raised',
    { policy: { enforceSla: true, slaMs: 1000 } },
    { policy: { enforceSla: true, slaMs: 2000 } },
    'sla',
    'from 1 s to 2 s',
  ],
  ['the sandbox off', {}, { model: { sandbox: false } }, 'sandbox', 'without a sandbox'],
  [
    'a severity lowered',
    banditWith({ severityMap: { B1: 'high' } }),
    banditWith({ severityMap: { B1: 'low' } }),
    'severity-map',
    'rates B1 low instead of high',
  ],
  ['a severity set', {}, banditWith({ severityMap: { B1: 'info' } }), 'severity-map', 'as the tool does'],
  [
    'a rule skipped',
    banditWith({ options: { skips: ['B1'] } }),
    banditWith({ options: { skips: ['B1', 'B2'] } }),
    'options',
    'skips',
  ],
  [
    'a rule not selected',
    banditWith({ options: { select: ['S', 'B'] } }),
    banditWith({ options: { select: ['S'] } }),
    'options',
    'select',
  ],
  [
    'a gap in coverage',
    { tools: [tool('gappy', { options: { db: true } })] },
    { tools: [tool('gappy', { options: {} })] },
    'notChecked',
    'vulnerabilities',
  ],
];

describe('diff of plans', () => {
  it.each(WEAKENINGS)('marks %s, and its reverse as strengthening', (_, strong, weak, kind, words) => {
    const there = diffPlans(make(strong), make(weak));
    const told = there.filter((one) => one.kind === kind && one.class === 'weakening');
    expect(told.map(({ text }) => text).join('\n')).toContain(words);
    const back = diffPlans(make(weak), make(strong)).filter((one) => one.kind === kind);
    // What cannot be judged is a weakening in both directions; nothing in this table is.
    expect(back.map((one) => one.class)).toEqual(told.map(() => 'strengthening'));
  });

  it.each<[string, Inputs, Inputs, ChangeKind]>([
    ['a custom scanner’s script', scripted('v1'), scripted('v2'), 'script'],
    ['a scanner’s extra arguments', {}, banditWith({ args: ['--exit-zero'] }), 'command'],
    [
      'an option that is no list',
      banditWith({ options: { level: 1 } }),
      banditWith({ options: { level: 3 } }),
      'options',
    ],
    ['other bytes of the same version', {}, { context: { lock: relocked() } }, 'pin'],
  ])('marks a change of %s in both directions', (_, one, other, kind) => {
    for (const [before, after] of [
      [one, other],
      [other, one],
    ] as const) {
      expect(diffPlans(make(before), make(after))).toContainEqual(
        expect.objectContaining({ kind, class: 'weakening' }),
      );
    }
  });

  it('marks a third party’s package', () => {
    const changes = diffPlans(
      make({}),
      make({ ...banditWith({ provider: 'repack' }), context: { lock: lock(['bandit'], 'repack') } }),
    );
    expect(changes[0]).toMatchObject({ kind: 'provider', class: 'weakening' });
    expect(changes[0]?.text).toContain('third-party package (ecc)');
  });

  it('marks what a new scanner may do', () => {
    const more = {
      tools: [tool('bandit'), tool('gitleaks', { network: { egress: ['x.org'] }, secrets: ['T'] })],
    };
    expect(diffPlans(make({}), make(more)).map(({ kind, class: direction }) => [kind, direction])).toEqual([
      ['secret', 'weakening'],
      ['network', 'weakening'],
      ['scanner', 'strengthening'],
    ]);
  });

  it.each<[string, Inputs, Inputs]>([
    ['a label', {}, { model: { labels: { a: 'b' } } }],
    [
      'an owner of a waiver',
      { policy: waived('2027-01-31') },
      { policy: { waivers: [{ ...waived('2027-01-31').waivers![0]!, owner: 'bob' }] } },
    ],
    ['a measured time budget', {}, { policy: { slaMs: 1 } }],
    ['a version of secplan', {}, { context: { secplanVersion: '0.2.0' } }],
    ['more memory', {}, banditWith({ resources: { memoryMb: 4096 } })],
    [
      'another order',
      { tools: [tool('bandit'), customTool('mine')] },
      { tools: [tool('bandit'), customTool('mine', ['bandit'])] },
    ],
  ])('calls %s neutral', (_, before, after) => {
    const changes = diffPlans(make(before), make(after));
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.filter((one) => one.class !== 'neutral')).toEqual([]);
  });

  it('says nothing of equal plans', () => {
    expect(diffPlans(make({}), make({}))).toEqual([]);
  });

  it('puts weakenings first', () => {
    const changes = diffPlans(make({}), make({ tools: [tool('gitleaks')], model: { labels: { a: 'b' } } }));
    expect(changes.map((one) => one.class)).toEqual(['weakening', 'strengthening', 'neutral']);
  });

  it('leaves no difference untold, whatever member it is in', () => {
    const plan = make({ tools: [tool('bandit'), customTool('mine', ['bandit'])], ...scripted('v1') });
    const paths = memberPaths(JSON.parse(JSON.stringify(plan)));
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.constantFrom<unknown>('zz', 7, null, [], ['zz'], { z: 1 }),
        (path, value) => {
          const copy = JSON.parse(JSON.stringify(plan));
          const parent = path.slice(0, -1).reduce((node, key) => node[key], copy);
          parent[path.at(-1)!] = value;
          const { planDigest: _, ...rest } = copy;
          copy.planDigest = digestOfJson(rest);
          fc.pre(copy.planDigest !== plan.planDigest);
          let changes: readonly unknown[];
          try {
            changes = diffPlans(plan, copy);
          } catch (error) {
            // A member of another type never gets past readPlan or the type checker.
            expect(error).toBeInstanceOf(TypeError);
            return;
          }
          expect(changes.length, path.join('.')).toBeGreaterThan(0);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

function relocked() {
  const old = lock(['bandit']);
  const entry = old.tools.bandit!.pypi!;
  return { ...old, tools: { bandit: { pypi: { ...entry, digest: digestOf('swapped') } } } };
}

/** Paths of the members of a plan and of its tool stages; the engine's own stages follow from those. */
function memberPaths(plan: Record<string, unknown>): readonly (readonly string[])[] {
  const top = Object.keys(plan).filter((key) => !['stages', 'planDigest', 'schema', 'policy'].includes(key));
  const stages = (plan.stages as Record<string, unknown>[]).flatMap((stage, index) =>
    'tool' in stage
      ? Object.keys(stage)
          .filter((key) => key !== 'id')
          .map((key) => ['stages', `${index}`, key])
      : [],
  );
  const rules = Object.keys(plan.policy as object).map((key) => ['policy', key]);
  return [...top.map((key) => [key]), ...stages, ...rules];
}
