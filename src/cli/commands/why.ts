import { whyStage } from '../../app/why/why-stage.ts';
import { isOfMachine } from '../../core/is-of-machine.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { printable } from '../shared/paint.ts';
import { scanFlags } from '../shared/scan-flags.ts';

const STATES = {
  cached: ['green', 'cache hit: nothing that it reads has changed'],
  'would-run': ['yellow', 'would run'],
  'no-input': ['gray', 'would not run: it has no input files'],
  'tool-not-installed': ['yellow', 'cannot run yet: its tool is not installed'],
} as const;

/** `secplan why STAGE`: from the cache or not, and which field missed; and why it gave no result in the latest bundle. */
export async function why(console: Console, stage: unknown, flags: Flags): Promise<number> {
  const options = scanFlags(flags);
  if (!options.ok) return console.refuse(options.diagnostics);
  const { cwd, env } = console;
  const answer = await whyStage({
    cwd,
    env,
    stage: String(stage),
    options: options.value,
    now: Date.now,
  });
  if (!answer.ok) return console.refuse(answer.diagnostics);
  console.diagnose(answer.diagnostics);
  const { state, reasons } = answer.value;
  const last = await lastResult(console, answer.value.stage, flags);
  if (console.json) {
    console.raw(`${JSON.stringify({ ...answer.value, last: last ?? null }, null, 2)}\n`);
    return EXIT.pass;
  }
  const [style, text] = STATES[state];
  console.print(`${console.paint('bold', answer.value.stage)} ${console.paint(style, text)}`);
  for (const reason of reasons) console.print(`  ${reason.field}: ${printable(reason.text)}`);
  if (last !== undefined && last.state !== 'done') {
    console.print(`\nIn the latest bundle: ${last.state}: ${printable(last.detail)}`);
    if (last.reason !== null) console.print(`\`secplan explain ${last.reason}\` explains why.`);
  }
  return EXIT.pass;
}

/** How it ended in the latest bundle, where there is one. */
async function lastResult(console: Console, stage: string, flags: Flags) {
  const { openBundle } = await import('../../app/workspace/open-bundle.ts');
  const { exportDir } = flags as { exportDir?: string };
  const bundle = await openBundle({ cwd: console.cwd, exportDir });
  if (!bundle.ok) {
    // That there is none yet is nothing to report.
    if (isOfMachine(bundle.diagnostics)) console.diagnose(bundle.diagnostics);
    return undefined;
  }
  return bundle.value.verdict.coverage.entries.find((entry) => entry.id === stage);
}
