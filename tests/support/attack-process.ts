import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createLocalRuntime,
  type LocalRuntimeOptions,
} from '../../src/executor/runtimes/local/local-runtime.ts';
import type { Attack, AttackOutcome } from './attack-rig.ts';
import { invocationOf, removeInvocations, script } from './invocation.ts';

/** Runs in its own process, as the user and with the descriptors that the attacks want: see `attack-rig.ts`. */
const { attacks, options, words } = JSON.parse(process.argv[2] ?? '') as {
  attacks: readonly Attack[];
  options: Partial<LocalRuntimeOptions>;
  words: Readonly<Record<string, string>>;
};
const diagnostics: string[] = [];
const runtime = createLocalRuntime({
  sandbox: 'bubblewrap',
  ...options,
  onDiagnostic: ({ code, summary }) => diagnostics.push(`${code} ${summary}`),
});
const outcomes: AttackOutcome[] = [];
for (const {
  text: written,
  memoryMb = 500,
  timeoutMs = 20_000,
  steps = 1,
  privileges = [],
  limits = {},
} of attacks) {
  const known: Record<string, string> = { ...words, PID: String(process.pid) };
  const text = written.replace(/@([A-Z0-9]+)@/g, (all, word: string) => known[word] ?? all);
  const all = [...Array(steps).keys()].map((n) =>
    script(n === 0 ? text : 'true', { id: n === 0 ? 'scan' : `s${n}` }),
  );
  const invocation = invocationOf({
    steps: all,
    stage: { resources: { cpus: 1, memoryMb, ...limits }, timeoutMs, privileges },
  });
  const startedAt = performance.now();
  const execution = await runtime.execute(invocation);
  outcomes.push({
    execution,
    wallMs: performance.now() - startedAt,
    stdout: logOf(invocation.logDir, 'scan.stdout'),
    stderr: logOf(invocation.logDir, 'scan.stderr'),
    out: readdirSync(invocation.outDir).slice(0, 10),
    users: readdirSync(invocation.outDir)
      .slice(0, 10)
      .map((name) => lstatSync(join(invocation.outDir, name)).uid),
  });
  removeInvocations();
}
await runtime.close();
process.stdout.write(JSON.stringify({ outcomes, diagnostics, notEnforced: runtime.notEnforced }));

function logOf(dir: string, name: string): string {
  try {
    return readFileSync(join(dir, name), 'utf8');
  } catch {
    return '';
  }
}
