import { deliverStoredBundle } from '../../app/deliver/deliver-bundle.ts';
import { deliveryExit } from '../../app/deliver/delivery-exit.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { catchInterrupt } from '../shared/interrupt.ts';
import { printable } from '../shared/paint.ts';
import { planFlags } from '../shared/plan-flags.ts';
import { shownPath } from '../shared/shown-path.ts';
import { deliveryLines } from '../views/delivery-lines.ts';

/** `secplan deliver [BUNDLE]`: hands a sealed bundle on. Exit 3 where something did not arrive, 6 where it was altered. */
export async function deliver(console: Console, bundle: unknown, flags: Flags): Promise<number> {
  const text = (name: string) => flags[name] as string | undefined;
  using interrupt = catchInterrupt(() =>
    console.note('interrupted: run `secplan deliver` again to continue'),
  );
  const { signal } = interrupt;
  let delivered: Awaited<ReturnType<typeof deliverStoredBundle>>;
  try {
    delivered = await deliverStoredBundle({
      ...planFlags(flags),
      cwd: console.cwd,
      env: console.env,
      bundle: typeof bundle === 'string' ? bundle : undefined,
      exportDir: text('exportDir'),
      tag: text('tag'),
      only: (flags.to as readonly string[] | undefined) ?? [],
      offline: flags.offline === true,
      trustWorkspace: flags.trustWorkspace === true,
      signal,
      now: Date.now,
    });
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    throw error;
  }
  if (!delivered.ok) return console.refuse(delivered.diagnostics);
  const { bundle: dir, reports, diagnostics } = delivered.value;
  const altered = diagnostics.some(({ code }) => code === 'SP6046');
  const exitCode = altered ? EXIT.verification : deliveryExit(EXIT.pass, delivered.value);
  console.diagnose(diagnostics);
  if (console.json) {
    console.document('delivery', { exitCode, bundle: dir, delivery: reports, diagnostics });
    return exitCode;
  }
  console.print(
    [
      `${console.paint('bold', 'Bundle')}  ${printable(shownPath(console.cwd, dir))}`,
      ...deliveryLines(reports, { notChecked: [] }, console.paint),
    ].join('\n'),
  );
  return exitCode;
}
