import { type Verification, verifyBundle } from '../../app/verify/verify-bundle.ts';
import { renderDiagnostic } from '../../core/render-diagnostic.ts';
import { unreachable } from '../../core/unreachable.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { type Paint, printable } from '../shared/paint.ts';
import { shownPath } from '../shared/shown-path.ts';

/** `secplan verify [BUNDLE]`: what a bundle proves, and what nobody looked at. Exit 6 where something does not hold. */
export async function verify(console: Console, bundle: unknown, flags: Flags): Promise<number> {
  const text = (name: string) => flags[name] as string | undefined;
  const verified = await verifyBundle({
    cwd: console.cwd,
    bundle: typeof bundle === 'string' ? bundle : undefined,
    exportDir: text('exportDir'),
    key: text('key'),
    trustedRoot: text('trustedRoot'),
    plan: text('plan'),
    policy: text('policy'),
    identity: text('certificateIdentity'),
    issuer: text('certificateIssuer'),
  });
  if (!verified.ok) return console.refuse(verified.diagnostics);
  const exitCode = verified.value.intact ? EXIT.pass : EXIT.verification;
  if (console.json) {
    console.document('verification', { exitCode, ...verified.value });
    return exitCode;
  }
  const { paint } = console;
  const { bundle: dir, checked, notChecked, failures, outcome } = verified.value;
  const word = wordOf(verified.value, paint);
  const list = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0
      ? []
      : ['', paint('bold', `${title} (${lines.length})`), ...lines.map((line) => `  ${printable(line)}`)];
  console.print(
    [
      `${word} ${printable(shownPath(console.cwd, dir))}${outcome === null ? '' : `; its verdict is ${outcome}`}`,
      ...list(
        'Does not hold',
        failures.map((item) => renderDiagnostic(item)),
      ),
      ...list('Checked', checked),
      ...list('Not checked', notChecked),
    ].join('\n'),
  );
  return exitCode;
}

/** Only a signature that was checked makes a bundle VERIFIED: without one, whoever can write it can write all of it. */
function wordOf({ intact, signature }: Verification, paint: Paint): string {
  if (!intact) return paint(['bold', 'inverse', 'red'], ' NOT VERIFIED ');
  switch (signature) {
    case 'verified':
      return paint(['bold', 'inverse', 'green'], ' VERIFIED ');
    case 'none':
      return paint(['bold', 'inverse', 'yellow'], ' intact, unsigned ');
    case 'not-checked':
      return paint(['bold', 'inverse', 'yellow'], ' intact, signature not checked ');
    default:
      return unreachable(signature);
  }
}
