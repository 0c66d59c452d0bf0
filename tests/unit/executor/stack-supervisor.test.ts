import { expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/core/diagnostic.ts';
import { artifactId, stageId } from '../../../src/core/ids.ts';
import { createPublishRedactor, createStoreRedactor } from '../../../src/core/redaction/redactor.ts';
import type { RunningService, StackRuntime } from '../../../src/executor/ports.ts';
import { createStack, type Stack } from '../../../src/executor/stack/create-stack.ts';
import type { Plan, ServiceStage } from '../../../src/planner/ir/ir.ts';
import { type ManualClock, manualClock } from '../../support/manual-clock.ts';
import { planOf } from '../../support/run-rig.ts';

interface Fake {
  /** Answers to one health check after the other; the last stays. */
  checks: (string | undefined | 'never')[];
  refuses?: string;
  /** Ends by itself. */
  end: (how: string) => void;
  stopped: number;
  asked: number;
}

interface World {
  readonly clock: ManualClock;
  readonly stack: Stack;
  readonly said: string[];
  readonly diagnostics: Diagnostic[];
  readonly fakes: Record<string, Fake>;
  readonly interrupt: () => void;
  readonly order: string[];
}

function service(name: string, dependsOn: readonly string[] = [], timeoutMs = 10_000): ServiceStage {
  const id = stageId('service', name);
  return {
    kind: 'service',
    id,
    needs: dependsOn.map((other) => stageId('service', other)),
    inputs: [],
    outputs: [{ name: 'endpoint', id: artifactId(id, 'endpoint'), type: 'endpoint' }],
    service: name,
    localCommand: [name],
    folder: '.',
    ports: [8080],
    env: name === 'db' ? { PASSWORD: ['x-', { secret: 'PW' }] } : {},
    secrets: name === 'db' ? ['PW'] : [],
    health: { check: { kind: 'tcp', port: 8080 }, intervalMs: 1000, timeoutMs },
  };
}

function world(
  services: readonly ServiceStage[],
  over: Partial<Plan> = {},
  secrets: Record<string, string> = { PW: 'hunter2' },
): World {
  const clock = manualClock();
  const [said, diagnostics, order]: [string[], Diagnostic[], string[]] = [[], [], []];
  const abort = new AbortController();
  const fakes: Record<string, Fake> = {};
  for (const { service: name } of services) {
    fakes[name] = { checks: [undefined], end: () => {}, stopped: 0, asked: 0 };
  }
  const runtime: StackRuntime = {
    refuses: ({ service: name }) => fakes[name]?.refuses,
    endpoint: (name, port) => ({ host: name, port }),
    async start({ service: { service: name }, env }) {
      const fake = fakes[name] as Fake;
      order.push(`start ${name} ${JSON.stringify(env)}`);
      const ended = Promise.withResolvers<string>();
      fake.end = ended.resolve;
      const running: RunningService = {
        ended: ended.promise,
        logs: [`/logs/${name}`],
        async check() {
          const answer = fake.checks[Math.min(fake.asked, fake.checks.length - 1)];
          fake.asked += 1;
          return answer === 'never' ? new Promise(() => {}) : answer;
        },
        async stop() {
          order.push(`stop ${name}`);
          fake.stopped += 1;
          ended.resolve('stopped');
        },
      };
      return { ok: true, service: running };
    },
  };
  const plan = { ...planOf([]), stages: services, ...over } as Plan;
  const stack = createStack(plan, {
    runtime,
    clock,
    signal: abort.signal,
    secrets,
    workspace: '/w',
    logDir: '/l',
    storeRedactor: createStoreRedactor(Object.values(secrets)),
    publishRedactor: createPublishRedactor(Object.values(secrets)),
    onState: (stage, state, _, detail) => said.push(`${stage} ${state}${detail === '' ? '' : `: ${detail}`}`),
    onDiagnostic: (item) => diagnostics.push(item),
  });
  return { clock, stack, said, diagnostics, fakes, order, interrupt: () => abort.abort() };
}

/** Lets promises settle, moving the clock by small steps. */
async function pass({ clock }: World, ms: number): Promise<void> {
  for (let at = 0; at <= ms; at += 50) {
    for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    if (at < ms) clock.advance(Math.min(50, ms - at));
  }
}

const needs = (...names: string[]) => ({ needs: names.map((name) => stageId('service', name)) });

test('services start when what they depend on is healthy, and beside each other where they can', async () => {
  const one = world([service('api', ['db', 'queue']), service('db'), service('queue')]);
  (one.fakes.db as Fake).checks = ['refused', 'refused', undefined];
  one.stack.begin();
  expect(one.stack.readiness(needs('api'))).toBe('starting');
  await pass(one, 150);
  expect(one.order).toEqual(['start db {"PASSWORD":"x-hunter2"}', 'start queue {}']);
  await pass(one, 600);
  expect(one.order.at(-1)).toBe('start api {}');
  await pass(one, 200);
  expect(one.stack.readiness(needs('api'))).toBe('ready');
  expect(one.stack.starting()).toBe(false);
  expect(one.said.filter((line) => line.endsWith('healthy'))).toHaveLength(3);
});

test('checks back off up to the interval, and the deadline holds for one that never answers', async () => {
  const one = world([service('db', [], 10_000)]);
  (one.fakes.db as Fake).checks = ['no'];
  one.stack.begin();
  await pass(one, 9900);
  // After 100, 200, 400 and 800 ms, then every second.
  expect((one.fakes.db as Fake).asked).toBe(4 + 8);
  expect(one.stack.readiness(needs('db'))).toBe('starting');
  await pass(one, 150);
  expect(one.stack.readiness(needs('db'))).toEqual({
    reason: 'stack',
    service: 'db',
    detail: 'not healthy after 10 s: no',
  });
  expect((one.fakes.db as Fake).stopped).toBe(1);
  expect(one.diagnostics.map(({ code }) => code)).toEqual(['SP5130']);

  const hanging = world([service('db', [], 2000)]);
  (hanging.fakes.db as Fake).checks = ['never'];
  hanging.stack.begin();
  await pass(hanging, 2100);
  expect(hanging.stack.readiness(needs('db'))).toMatchObject({ reason: 'stack' });
});

test('one that ends before it is healthy fails at once, and what depends on it is never started', async () => {
  const one = world([service('api', ['db']), service('db')]);
  (one.fakes.db as Fake).checks = ['no'];
  one.stack.begin();
  await pass(one, 300);
  (one.fakes.db as Fake).end('exit code 1');
  await pass(one, 50);
  expect(one.order.filter((line) => line.startsWith('start api'))).toEqual([]);
  expect(one.stack.readiness(needs('api'))).toMatchObject({ reason: 'stack' });
  expect(one.stack.readiness({ needs: [] })).toBe('ready');
  expect(one.diagnostics.map(({ summary }) => summary)).toEqual([
    'service db: it exited before it was healthy: exit code 1',
  ]);
});

test('one that ends while it is in use takes its stages with it, and says so', async () => {
  const one = world([service('api', ['db']), service('db'), service('other')], {
    stack: { from: 'services', required: true },
  });
  one.stack.begin();
  await pass(one, 500);
  const signal = one.stack.signalFor(needs('api'));
  const others = one.stack.signalFor(needs('other'));
  const changed = one.stack.changed();
  expect(one.stack.lost(needs('api'))).toBeUndefined();
  (one.fakes.db as Fake).end('SIGKILL of hunter2');
  await changed;
  expect(signal.aborted).toBe(true);
  expect(others.aborted).toBe(false);
  expect(one.stack.lost(needs('api'))).toMatchObject({ reason: 'stack', service: 'db' });
  expect(one.stack.lost(needs('other'))).toBeUndefined();
  // The run goes on: what does not need it is worth scanning, since it was there.
  expect(one.stack.failure()).toBeUndefined();
  expect(one.said.at(-1)).toBe(
    'service:db failed: service db: it exited while it was in use: SIGKILL of [redacted]',
  );
});

test('a required stack that does not come up is the failure of the run', async () => {
  const one = world([service('db', [], 1000)], { stack: { from: 'services', required: true } });
  (one.fakes.db as Fake).checks = ['no'];
  one.stack.begin();
  await pass(one, 1100);
  expect(one.stack.failure()).toMatchObject({ reason: 'stack', service: 'db' });
});

test('what the runtime cannot start is no failure of the machine', async () => {
  const one = world([service('api', ['db']), service('db')], { stack: { from: 'services', required: true } });
  (one.fakes.db as Fake).refuses = 'it is an image';
  one.stack.begin();
  await pass(one, 50);
  expect(one.stack.readiness(needs('api'))).toMatchObject({ reason: 'requirement-unmet' });
  expect(one.stack.failure()).toBeUndefined();
  expect(one.diagnostics.map(({ code }) => code)).toEqual(['SP5132']);
});

test('closing stops dependents first, whatever they are doing, and gives the logs', async () => {
  const one = world([service('api', ['db']), service('db'), service('slow')]);
  (one.fakes.slow as Fake).checks = ['never'];
  one.stack.begin();
  await pass(one, 500);
  const logs = await one.stack.close();
  expect(one.order.filter((line) => line.startsWith('stop')).slice(-3)).toEqual(
    expect.arrayContaining(['stop api', 'stop db', 'stop slow']),
  );
  expect(one.order.indexOf('stop api')).toBeLessThan(one.order.indexOf('stop db'));
  expect([...logs.keys()].sort()).toEqual(['service:api', 'service:db', 'service:slow']);
  expect(one.diagnostics).toEqual([]);
});

test('an interrupt ends the wait', async () => {
  const one = world([service('db', [], 600_000)]);
  (one.fakes.db as Fake).checks = ['no'];
  one.stack.begin();
  await pass(one, 100);
  const changed = one.stack.changed();
  one.interrupt();
  await changed;
  expect(one.stack.starting()).toBe(false);
  expect((one.fakes.db as Fake).stopped).toBe(1);
  expect(one.diagnostics).toEqual([]);
});

test('stages find services by name, a reused stack by its URL', () => {
  const target = { kind: 'http', name: 'shop', details: { service: 'api' } } as const;
  const stage = { network: 'stack' } as const;
  const own = world([service('api')], {
    stack: { from: 'services', required: false, base: { service: 'api', port: 8080 } },
  });
  expect(own.stack.endpoint(target)).toBe('http://api:8080');
  expect(own.stack.env(stage)).toEqual({ STACK_BASE_URL: 'http://api:8080' });
  expect(own.stack.env({ network: 'none' })).toEqual({});
  const reused = world([], {
    stack: { from: 'reuse', required: false, base: { url: 'https://[::1]:9/x/' } },
  });
  expect(reused.stack.endpoint(target)).toBe('https://[::1]:9/x');
  expect(reused.stack.endpoints(stage)).toEqual([{ host: '::1', port: 9 }]);
  expect(reused.stack.env(stage)).toEqual({ STACK_BASE_URL: 'https://[::1]:9/x' });
});

test('a secret that is not there is the failure of the service, not a hole in its environment', async () => {
  const one = world([service('db')], {}, {});
  one.stack.begin();
  await pass(one, 50);
  expect(one.stack.readiness(needs('db'))).toMatchObject({ detail: 'secret PW is unavailable' });
  expect(one.order).toEqual([]);
});
