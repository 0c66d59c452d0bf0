import type { ScanOutcome } from '../../app/contract/scan-types.ts';
import { scanWorkspace } from '../../app/scan/scan-workspace.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { catchInterrupt } from '../shared/interrupt.ts';
import { scanFlags } from '../shared/scan-flags.ts';
import { endingOf } from '../views/ending/ending-of.ts';
import { verdictText } from '../views/ending/verdict-text.ts';
import { timingsText } from '../views/timings-text.ts';
import { openView } from '../views/view.ts';

/** `secplan run`: scans, shows progress on stderr, and ends with the verdict on stdout. */
export async function run(console: Console, path: unknown, flags: Flags): Promise<number> {
  const options = scanFlags(flags, typeof path === 'string' ? path : undefined);
  if (!options.ok) return console.refuse(options.diagnostics);
  const view = await openView(console, flags.quiet === true);
  const told = new Set<string>();
  using interrupt = catchInterrupt(() =>
    view.note('Interrupted. Stopping scanners; press Ctrl-C again to force quit.'),
  );
  let outcome: ScanOutcome;
  try {
    outcome = await scanWorkspace({
      cwd: console.cwd,
      env: console.env,
      signal: interrupt.signal,
      now: Date.now,
      options: options.value,
      onEvent: (event) => {
        if (event.type === 'diagnostic') told.add(identity(event.diagnostic));
        view.onEvent(event);
      },
    });
  } finally {
    await view.close();
  }
  if (interrupt.signal.aborted)
    console.note('No bundle was written. `secplan run --resume` continues the run.');
  const untold = outcome.diagnostics.filter((item) => !told.has(identity(item)));
  const { scan } = outcome;
  const exitCode = interrupt.signal.aborted ? EXIT.interrupted : outcome.exitCode;
  if (scan === undefined) return console.refuse(console.json ? outcome.diagnostics : untold, exitCode);
  console.diagnose(untold);
  if (console.json) {
    const { bundleDir, verdict, summary, signature, delivery } = scan;
    const timings = flags.timings === true ? { timings: timingsOf(scan) } : {};
    console.document('run', {
      exitCode,
      bundle: bundleDir,
      verdict,
      summary,
      signature,
      ...(delivery.length === 0 ? {} : { delivery }),
      ...timings,
      diagnostics: outcome.diagnostics,
    });
    return exitCode;
  }
  if (flags.timings === true) console.print(`${timingsText(scan, console.paint)}\n`);
  console.print(verdictText(scan, endingOf(console, flags)));
  return exitCode;
}

function timingsOf({ results }: NonNullable<ScanOutcome['scan']>): object {
  return Object.fromEntries(
    results.flatMap((result) => ('timings' in result ? [[result.stage, result.timings]] : [])),
  );
}

function identity({ code, summary, place }: Diagnostic): string {
  return JSON.stringify([code, summary, place]);
}
