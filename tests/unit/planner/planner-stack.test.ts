import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { Model, ModelService, ModelStack, ModelTarget } from '../../../src/compiler/model/model.ts';
import { PLACEHOLDER_TARGET, placeholderStack } from '../../../src/compiler/stack/bind-targets.ts';
import { digestOf } from '../../../src/core/canonical.ts';
import { diffPlans } from '../../../src/planner/diff/diff.ts';
import type { Plan, ServiceStage } from '../../../src/planner/ir/ir.ts';
import { readPlan, serializePlan } from '../../../src/planner/plan-file/plan-file.ts';
import { graphMarkdown } from '../../../src/report/graph-markdown.ts';
import { graphSvg } from '../../../src/report/graph-svg.ts';
import { graphText } from '../../../src/report/graph-text.ts';
import { fakeScanner } from '../../support/fake-scanner.ts';
import { context, custom, customTool, model, planned, source, tool } from '../../support/planner-rig.ts';

const probe = fakeScanner('probe', { requires: { target: 'http', placeholder: true } });
const zap = fakeScanner('zap', { requires: { target: 'http' } });
const bandit = fakeScanner('bandit');

function service(name: string, changes: Partial<ModelService> = {}): ModelService {
  return {
    name,
    image: `example/${name}`,
    folder: '.',
    ports: [8080],
    env: {},
    health: { check: { kind: 'tcp', port: 8080 }, intervalMs: 1000, timeoutMs: 60_000 },
    dependsOn: [],
    pointer: `/stack/services/${name}`,
    ...changes,
  };
}

const http = (name: string, details: Record<string, unknown>): ModelTarget => ({
  ...{ kind: 'http', name, include: [], exclude: [], pointer: `/targets/http/${name}` },
  details,
});

const services = [
  service('api', { dependsOn: ['db'], localCommand: ['node', 'api/server.mjs'] }),
  service('db', { ports: [5432], env: { PASSWORD: [{ secret: 'DB' }] } }),
  service('idle'),
];
const own: ModelStack = { from: 'services', services };

function make(changes: Partial<Model> = {}, tools = [tool('probe'), tool('zap'), tool('bandit')]): Plan {
  return planned(
    model(tools, { targets: [source, http('shop', { service: 'api' })], stack: own, ...changes }),
    context([probe, zap, bandit, custom], {
      scriptDigest: (path) => (path === 'api/server.mjs' ? digestOf('1') : undefined),
    }),
  );
}

const ids = (plan: Plan) => plan.stages.map(({ id }) => String(id));
const stageOf = (plan: Plan, id: string) => plan.stages.find((stage) => stage.id === id);
const serviceOf = (plan: Plan, id: string) => stageOf(plan, id) as ServiceStage;

describe('services in a plan', () => {
  const plan = make();

  it('are those that a target names and what they depend on', () => {
    expect(ids(plan)).toContain('service:api');
    expect(ids(plan)).toContain('service:db');
    expect(ids(plan)).not.toContain('service:idle');
    expect(stageOf(plan, 'zap:shop')).toMatchObject({ needs: ['service:api'], network: 'stack' });
    expect(stageOf(plan, 'bandit')).toMatchObject({ needs: [], network: 'none' });
    expect(serviceOf(plan, 'service:api').needs).toEqual(['service:db']);
    expect(stageOf(plan, 'aggregate')?.needs).not.toContain('service:api');
  });

  it('are all of them for a stage that asks for the stack and no target of it', () => {
    const whole = make({}, [customTool('mine', [], { network: 'stack' })]);
    expect(ids(whole).filter((id) => id.startsWith('service:'))).toEqual([
      'service:api',
      'service:db',
      'service:idle',
    ]);
    expect(stageOf(whole, 'mine')?.needs).toEqual(['service:api', 'service:db', 'service:idle']);
  });

  it('are none where no stage talks to them', () => {
    const light = make({}, [tool('bandit')]);
    expect(light.stack).toBeUndefined();
    expect(ids(light).filter((id) => id.startsWith('service:'))).toEqual([]);
  });

  it('hold names of secrets, digests of scripts and the place that asks for them', () => {
    expect(serviceOf(plan, 'service:db')).toMatchObject({
      secrets: ['DB'],
      env: { PASSWORD: [{ secret: 'DB' }] },
    });
    expect(serviceOf(plan, 'service:api').scripts).toEqual({ 'api/server.mjs': digestOf('1') });
    expect(plan.origins['service:db']).toBe('/stack/services/db');
    expect(plan.stack).toEqual({ from: 'services', required: false, base: { service: 'api', port: 8080 } });
  });

  it('are read back from a plan file as they were written, and refused when tampered with', () => {
    const text = serializePlan(plan);
    expect(readPlan(text)).toMatchObject({ ok: true });
    expect(serializePlan(make())).toBe(text);
    expect(readPlan(text.replaceAll('"service":"db"', '"service":"xy"')).ok).toBe(false);
  });
});

describe('a placeholder', () => {
  const plan = make({
    requiresStack: true,
    stack: placeholderStack(),
    targets: [source, PLACEHOLDER_TARGET],
  });

  it('is probed, and no scanner of real targets counts it as looked at', () => {
    expect(stageOf(plan, 'probe:placeholder')).toMatchObject({ needs: ['service:placeholder'] });
    expect(plan.notPlanned).toEqual([
      {
        tool: 'zap',
        state: 'not-applicable',
        reason: { kind: 'placeholder-only' },
        text: 'placeholder only: the manifest has no stack',
      },
    ]);
    expect(plan.stack).toMatchObject({ from: 'placeholder', required: true });
    expect(serviceOf(plan, 'service:placeholder').builtIn).toBe('placeholder');
  });
});

describe('what is not started', () => {
  it('a reused stack has no services, and its stages may reach it', () => {
    const plan = make({ stack: { from: 'reuse', reuse: 'http://127.0.0.1:9', services: [] } });
    expect(ids(plan).filter((id) => id.startsWith('service:'))).toEqual([]);
    expect(stageOf(plan, 'zap:shop')).toMatchObject({ network: 'stack', needs: [] });
    expect(plan.stack).toMatchObject({ from: 'reuse', base: { url: 'http://127.0.0.1:9' } });
  });

  it('a target with a URL may be reached, and nothing else', () => {
    const { stack: _, ...rest } = {
      stack: undefined,
      targets: [http('live', { url: 'https://x.org:8443/v1' })],
    };
    const plan = planned(model([tool('zap')], rest), context([zap]));
    expect(stageOf(plan, 'zap:live')).toMatchObject({ network: { egress: ['x.org:8443'] } });
    expect(plan.stack).toBeUndefined();
  });
});

describe('what a change of the stack does', () => {
  const changed = (changes: Partial<ModelService>) =>
    make({
      stack: { ...own, services: services.map((one) => (one.name === 'db' ? { ...one, ...changes } : one)) },
    });
  it.each<[string, Plan, Plan, readonly string[]]>([
    [
      'a target that names no service any more',
      make(),
      make({ targets: [source] }),
      [
        'service:api is no longer started',
        'service:db is no longer started',
        'scanners talk to no stack instead of its own services',
      ],
    ],
    ['another image', make(), changed({ image: 'postgres:9' }), ['image of service:db changed']],
    [
      'a secret more',
      make(),
      changed({ env: { P: [{ secret: 'DB' }], Q: [{ secret: 'K' }] } }),
      ['service:db now gets the secret K', 'env of service:db changed'],
    ],
    [
      'a placeholder in its place',
      make(),
      make({ stack: placeholderStack(), targets: [source, PLACEHOLDER_TARGET] }),
      ['scanners talk to a placeholder instead of its own services'],
    ],
  ])('%s is a weakening', (_, before, after, texts) => {
    const weaker = diffPlans(before, after).filter((one) => one.class === 'weakening');
    for (const text of texts) expect(weaker.map((one) => one.text)).toContain(text);
  });

  it('waiting longer for it is not, nor is a service more', () => {
    const slower = changed({ health: { check: { kind: 'alive' }, intervalMs: 1, timeoutMs: 2 } });
    expect(diffPlans(make(), slower).map(({ class: is, text }) => `${is}: ${text}`)).toEqual([
      'neutral: health of service:db changed',
    ]);
    const more = make({
      targets: [source, http('shop', { service: 'api' }), http('too', { service: 'idle' })],
    });
    expect(diffPlans(make(), more)).toContainEqual(
      expect.objectContaining({ class: 'neutral', text: 'service:idle is started' }),
    );
  });
});

describe('views', () => {
  const plan = make();
  it('tell of services apart from scanners', () => {
    const text = graphText(plan);
    expect(text).toMatch(/^Plan of pay, profile light: 3 scanners/);
    expect(text).toContain('Stack: its own services, base api:8080');
    expect(text).toMatch(/service:db +example\/db +5432 +port 8080 open in 1 min/);
    expect(text).toContain('DB to service:db');
    expect(graphMarkdown(plan)).toContain('| service:api | example/api, or node api/server.mjs |');
    expect(graphSvg(plan)).toContain('3 scanners');
    expect(graphSvg(plan)).toContain('>service:db<');
  });

  it('and the schema knows them', () => {
    const schema = JSON.parse(
      readFileSync(`${import.meta.dirname}/../../../schema/plan.schema.json`, 'utf8'),
    );
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
    for (const one of [plan, make({ stack: placeholderStack(), targets: [source, PLACEHOLDER_TARGET] })]) {
      validate(JSON.parse(serializePlan(one)));
      expect(validate.errors).toBeNull();
    }
    const copy = JSON.parse(serializePlan(plan));
    copy.stages.find((stage: { kind: string }) => stage.kind === 'service').env.X = [{ value: 'literal' }];
    expect(validate(copy)).toBe(false);
  });
});
