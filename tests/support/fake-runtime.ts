import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Failure } from '../../src/core/failure.ts';
import type { Execution, Runtime, StageInvocation } from '../../src/executor/ports.ts';
import type { Clock } from '../../src/io/clock.ts';

/** What a scripted tool does. */
export interface Script {
  readonly exit?: number;
  /** Files below `out`. */
  readonly outputs?: Readonly<Record<string, string>>;
  /** Symbolic links below `out`, to anywhere. */
  readonly links?: Readonly<Record<string, string>>;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly failure?: Failure;
  /** Runs until the clock reaches this; milliseconds after its start. */
  readonly delayMs?: number;
  /** Runs until the test says `release(stage)`. */
  readonly hold?: boolean;
  readonly throws?: unknown;
  /** Called when the tool runs. */
  readonly seen?: (invocation: StageInvocation) => void;
}

export interface FakeRuntime extends Runtime {
  /** Stage ids in order of start, one for each execution. */
  readonly calls: readonly string[];
  /** Most that ran at one time. */
  readonly peak: number;
  release(stage: string): void;
  /** Resolves when so many executions have started. */
  started(count: number): Promise<void>;
}

export interface FakeOptions {
  readonly clock?: Clock;
  /** Turns of the event loop that an execution takes: what shuffles the order in which stages end. */
  readonly turns?: (stage: string) => number;
}

/** Scripts by stage; of a list, each execution takes the next and the last stays. */
export function fakeRuntime(
  scripts: Readonly<Record<string, Script | readonly Script[]>>,
  { clock, turns }: FakeOptions = {},
): FakeRuntime {
  const calls: string[] = [];
  const gates = new Map<string, () => void>();
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let running = 0;
  let peak = 0;

  function next(stage: string): Script {
    const script = scripts[stage] ?? {};
    if (!Array.isArray(script)) return script as Script;
    const nth = calls.filter((call) => call === stage).length - 1;
    return (script[Math.min(nth, script.length - 1)] ?? {}) as Script;
  }

  async function execute(invocation: StageInvocation): Promise<Execution> {
    const { id } = invocation.stage;
    calls.push(id);
    const script = next(id);
    running += 1;
    peak = Math.max(peak, running);
    for (const each of waiting) if (calls.length >= each.count) each.resolve();
    try {
      for (let turn = turns?.(id) ?? 0; turn > 0; turn -= 1) await new Promise((done) => setImmediate(done));
      const interrupted = await pause(script, invocation);
      if (script.throws !== undefined) throw script.throws;
      return interrupted
        ? { ok: false, steps: [], failure: { reason: 'interrupted' } }
        : run(script, invocation);
    } finally {
      running -= 1;
    }
  }

  async function pause(script: Script, { stage, signal }: StageInvocation): Promise<boolean> {
    if (script.hold || script.delayMs !== undefined) {
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
        if (signal.aborted) resolve();
        if (script.hold) gates.set(stage.id, resolve);
        else clock?.after(script.delayMs ?? 0, resolve);
      });
    }
    return signal.aborted;
  }

  return {
    name: 'local',
    notEnforced: ['everything: it is a fake'],
    execute,
    close: async () => {},
    calls,
    get peak() {
      return peak;
    },
    release: (stage) => gates.get(stage)?.(),
    started: (count) =>
      new Promise((resolve) => {
        if (calls.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}

function run(script: Script, invocation: StageInvocation): Execution {
  const { outDir, logDir, tool, redactor } = invocation;
  script.seen?.(invocation);
  for (const [path, text] of Object.entries(script.outputs ?? {})) {
    mkdirSync(dirname(join(outDir, path)), { recursive: true });
    writeFileSync(join(outDir, path), text);
  }
  for (const [path, target] of Object.entries(script.links ?? {})) symlinkSync(target, join(outDir, path));
  const steps = tool.provider.steps.map((step) => ({
    step: step.id,
    exitCode: script.exit ?? 0,
    wallMs: 1,
    maxRssBytes: null,
  }));
  for (const { step } of steps) {
    writeFileSync(join(logDir, `${step}.stdout`), redactor.text(script.stdout ?? ''));
    writeFileSync(join(logDir, `${step}.stderr`), redactor.text(script.stderr ?? ''));
  }
  if (script.failure !== undefined) return { ok: false, steps: [], failure: script.failure };
  return { ok: true, steps, sourceRoot: '/src' };
}

/** Text of a file of a stage's input view. */
export function viewFile(invocation: StageInvocation, path: string): string {
  return readFileSync(join(invocation.sourceDir, path), 'utf8');
}
