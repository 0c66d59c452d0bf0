import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, digestOf, digestOfJson } from '../../../src/core/canonical.ts';
import type { Plan } from '../../../src/planner/ir/ir.ts';
import { readPlan, serializePlan } from '../../../src/planner/plan-file/plan-file.ts';
import { fakeScanner } from '../../support/fake-scanner.ts';
import { context, custom, customTool, model, planned, source, tool } from '../../support/planner-rig.ts';

const bandit = fakeScanner('bandit', {
  assets: { rules: 'rules/x' },
  faults: [{ in: 'stderr', pattern: 'x', meaning: 'y' }],
});
const syft = fakeScanner('syft', {
  kind: 'sbom',
  outputs: [{ name: 'sbom', type: 'cyclonedx', mediaType: 'x/y' }],
});
const grype = fakeScanner('grype', {
  requires: {
    target: 'source',
    consumes: [{ name: 'sbom', type: 'cyclonedx', from: 'syft' }],
    network: 'stack',
  },
});
const image = fakeScanner('trivy-image', { requires: { target: 'image' } });
const all = context([bandit, custom, grype, image, syft], { scriptDigest: (path) => digestOf(path) });
const tools = [
  tool('bandit', { severityMap: { B602: 'low' } }),
  tool('grype', { network: { egress: ['db.example.org'] } }),
  customTool('mine', ['bandit']),
  customTool('other', ['mine', 'syft']),
  tool('syft'),
  tool('trivy-image'),
];
const targets = [
  { ...source, include: ['src/**'], exclude: ['vendor/**', 'a/**'] },
  {
    kind: 'image' as const,
    name: 'web',
    include: [],
    exclude: [],
    details: { ref: 'x' },
    pointer: '/targets/images/0',
  },
  {
    kind: 'image' as const,
    name: 'api',
    include: [],
    exclude: [],
    details: { ref: 'y' },
    pointer: '/targets/images/1',
  },
];
const plan = planned(
  model(tools, {
    targets,
    labels: { team: 'ü"\n' },
    sandbox: false,
    evidence: {
      sign: { method: 'key', key: 'KEY', password: 'PW' },
      rekor: 'https://log.example',
      required: true,
    },
  }),
  all,
);

interface Copy {
  planDigest: string;
  stages: object[];
}

/** A changed plan with a digest that fits: what someone writes who knows how digests are made. */
function forged(change: (copy: Copy) => void): string {
  const copy: Copy = JSON.parse(serializePlan(plan));
  change(copy);
  const { planDigest: _, ...rest } = copy;
  copy.planDigest = digestOfJson(rest);
  return JSON.stringify(copy);
}

describe('plan bytes', () => {
  it('are canonical JSON on one line and a line feed', () => {
    expect(serializePlan(plan)).toBe(`${canonicalJson(plan)}\n`);
    const { planDigest, ...rest } = plan;
    expect(planDigest).toBe(digestOf(canonicalJson(rest)));
  });

  it('do not change with the order of tools, targets and options', () => {
    const shuffle = <T>(list: readonly T[]) => fc.shuffledSubarray([...list], { minLength: list.length });
    fc.assert(
      fc.property(
        shuffle(tools),
        shuffle(targets),
        shuffle(Object.entries({ b: 1, a: { d: 1, c: 2 } })),
        (t, g, o) => {
          const options = Object.fromEntries(o);
          const withOptions = t.map((one) => (one.id === 'bandit' ? { ...one, options } : one));
          const first = tools.map((one) =>
            one.id === 'bandit' ? { ...one, options: { a: { c: 2, d: 1 }, b: 1 } } : one,
          );
          const labels = { labels: { y: '1', x: '2' } };
          const swapped = { labels: { x: '2', y: '1' } };
          expect(serializePlan(planned(model(withOptions, { targets: g, ...labels }), all))).toBe(
            serializePlan(planned(model(first, { targets, ...swapped }), all)),
          );
        },
      ),
    );
  });

  it('do not change with folder, locale and time zone', () => {
    const script = [
      `import { context, custom, customTool, model, planned } from ${JSON.stringify(`${import.meta.dirname}/../../support/planner-rig.ts`)};`,
      `import { serializePlan } from ${JSON.stringify(`${import.meta.dirname}/../../../src/planner/plan-file/plan-file.ts`)};`,
      `const ids = ['i', 'z', 'a-b', 'ab', 'a1'];`,
      `process.stdout.write(serializePlan(planned(model(ids.map((id) => customTool(id))), context([custom]))));`,
    ].join('\n');
    const run = (cwd: string, env: Record<string, string>) =>
      execFileSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
        cwd,
        env,
        encoding: 'utf8',
      });
    const first = run(import.meta.dirname, { LC_ALL: 'C', TZ: 'UTC' });
    expect(first.length).toBeGreaterThan(1000);
    expect(run(tmpdir(), { LC_ALL: 'tr_TR.UTF-8', LANG: 'sv_SE', TZ: 'Pacific/Kiritimati' })).toBe(first);
  });

  it('leave the model as it was', () => {
    const freeze = <T>(value: T): T => {
      if (typeof value === 'object' && value !== null)
        for (const member of Object.values(Object.freeze(value))) freeze(member);
      return value;
    };
    const frozen = freeze(structuredClone(model(tools, { targets })));
    expect(() => planned(frozen, all)).not.toThrow();
  });

  it('agree with sorted JSON.stringify for every JSON value', () => {
    const sorted = (value: unknown): unknown =>
      Array.isArray(value)
        ? `[${value.map(sorted).join(',')}]`
        : typeof value === 'object' && value !== null
          ? `{${Object.keys(value)
              .sort()
              .map((key) => `${JSON.stringify(key)}:${sorted(value[key as never])}`)
              .join(',')}}`
          : JSON.stringify(value);
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        expect(canonicalJson(value)).toBe(sorted(value));
      }),
    );
    expect(() => canonicalJson(['\ud800'])).toThrow(TypeError);
    expect(() => canonicalJson({ '\ud800': 1 })).toThrow(TypeError);
    expect(() => canonicalJson(Number.NaN)).toThrow(TypeError);
  });
});

describe('reading a plan', () => {
  it('gives back what was written, whatever the white space', () => {
    expect(readPlan(serializePlan(plan), '0.1.0')).toMatchObject({ ok: true, value: plan });
    expect(readPlan(JSON.stringify(plan, null, 2)).ok).toBe(true);
  });

  it('accepts a changed plan whose digest fits', () => {
    expect(readPlan(forged(() => {})).ok).toBe(true);
  });

  it.each<[string, string, string]>([
    ['not JSON', '{', 'not JSON'],
    ['another document', '[]', 'not an object'],
    ['another schema', '{"schema":"https://secplan.dev/schema/plan/v2"}', 'schema'],
    ['an edited member', serializePlan(plan).replace('60000', '1'), 'digest'],
    ['an edited digest', serializePlan(plan).replace(plan.planDigest, `sha256:${'0'.repeat(64)}`), 'digest'],
    ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'nested deeper'],
    ['no stages', forged((copy) => Object.assign(copy, { stages: {} })), 'stages'],
    ['an unknown kind', forged((copy) => Object.assign(copy.stages[0]!, { kind: 'shell' })), 'kind'],
    ['a bad id', forged((copy) => Object.assign(copy.stages[2]!, { id: '../x' })), 'id'],
    ['a need of nothing', forged((copy) => Object.assign(copy.stages[2]!, { needs: ['zz'] })), 'zz'],
    ['a cycle', forged((copy) => Object.assign(copy.stages[2]!, { needs: ['report'] })), 'each other'],
    [
      'a scanner that is not gated',
      forged((copy) => Object.assign(copy.stages[0]!, { needs: [] })),
      'not gated',
    ],
    [
      'no gate',
      forged((copy) => {
        copy.stages = copy.stages.filter(
          (stage) => !['gate', 'report', 'attest', 'sign'].includes((stage as { id: string }).id),
        );
      }),
      'no gate',
    ],
    [
      'a target outside',
      forged((copy) => Object.assign(copy.stages[2]!, { target: { path: 'a/../..' } })),
      'leaves the workspace',
    ],
    [
      'an asset outside',
      forged((copy) => Object.assign(copy.stages[2]!, { assets: { a: { path: '/etc/x' } } })),
      'leaves the workspace',
    ],
    [
      'an output outside',
      forged((copy) => Object.assign(copy.stages[2]!, { outputSpecs: [{ publishAs: '../x' }] })),
      'leaves the workspace',
    ],
    ['a lone surrogate', JSON.stringify(plan).replace('"name":"pay"', '"name":"\\ud800"'), 'canonical'],
  ])('refuses %s', (_, text, why) => {
    const outcome = readPlan(text);
    expect(outcome.ok).toBe(false);
    expect(outcome.diagnostics.map(({ code }) => code)).toEqual(['SP3006']);
    expect(outcome.diagnostics[0]?.summary).toContain(why);
  });

  it('refuses a plan of another version', () => {
    expect(readPlan(serializePlan(plan), '0.2.0').diagnostics[0]?.summary).toContain('0.1.0 compiled it');
  });

  it('refuses whatever is fed to it without throwing', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(readPlan(text).ok).toBe(false);
      }),
    );
    const lines = JSON.parse(serializePlan(plan)) as Record<string, unknown>;
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(lines)), fc.jsonValue(), (key, value) => {
        const outcome = readPlan(JSON.stringify({ ...lines, [key]: value }));
        expect(outcome.ok).toBe(canonicalJson(value) === canonicalJson(lines[key]));
      }),
    );
  });
});

describe('plan schema', () => {
  const schema = JSON.parse(readFileSync(`${import.meta.dirname}/../../../schema/plan.schema.json`, 'utf8'));
  const validate = new Ajv2020({
    allErrors: true,
    strict: true,

    allowUnionTypes: true,
  }).compile<Plan>(schema);

  it('accepts every kind of stage that is planned', () => {
    validate(JSON.parse(serializePlan(plan)));
    expect(validate.errors).toBeNull();
    expect(new Set(plan.stages.map(({ kind }) => kind))).toEqual(
      new Set(['scan', 'sbom', 'aggregate', 'gate', 'report', 'attest', 'sign']),
    );
  });

  it.each<[string, (copy: Copy) => void]>([
    ['a stage without needs', (copy) => void Reflect.deleteProperty(copy.stages[2]!, 'needs')],
    ['an unknown kind', (copy) => Object.assign(copy.stages[2]!, { kind: 'shell' })],
    ['an unknown member of a stage', (copy) => Object.assign(copy.stages[2]!, { shell: true })],
    ['a scan without providers', (copy) => void Reflect.deleteProperty(copy.stages[2]!, 'providers')],
    ['a digest that is none', (copy) => Object.assign(copy, { planDigest: 'x' })],
    [
      'an absolute target path',
      (copy) => Object.assign(copy.stages[2]!, { target: { kind: 'source', name: 'source', path: '/x' } }),
    ],
    ['a timestamp', (copy) => Object.assign(copy, { createdAt: '2026-01-01' })],
  ])('refuses %s', (_, change) => {
    const copy = JSON.parse(serializePlan(plan));
    change(copy);
    expect(validate(copy)).toBe(false);
  });
});
