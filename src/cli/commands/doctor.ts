import { examineMachine } from '../../app/doctor/examine-machine.ts';
import { isError } from '../../core/diagnostic.ts';
import type { Check } from '../../toolchain/doctor.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { clip, type Paint, printable } from '../shared/paint.ts';
import { planFlags } from '../shared/plan-flags.ts';
import { tellTrust } from '../shared/tell-trust.ts';

/**
 * `secplan doctor`: prints what was found of the machine and of every tool of the profile. Exit 3 where something that a run
 * needs is missing, 2 where the manifest has errors.
 */
export async function doctor(console: Console, flags: Flags): Promise<number> {
  const examined = await examineMachine(
    { ...planFlags(flags), cwd: console.cwd, trust: tellTrust(console) },
    console.env,
  );
  if (!examined.ok) return console.refuse(examined.diagnostics);
  const { checks, profile, diagnostics } = examined.value;
  console.diagnose(diagnostics);
  const broken = checks.filter((item) => !item.ok && item.needed);
  const exitCode = diagnostics.some(isError)
    ? EXIT.usage
    : broken.length > 0
      ? EXIT.infrastructure
      : EXIT.pass;
  if (console.json) {
    console.document('doctor', { exitCode, checks, diagnostics });
    return exitCode;
  }
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const item of checks) console.print(line(item, width, console.paint));
  const what = profile === undefined ? 'a run' : `the ${profile} profile`;
  console.print(
    broken.length === 0
      ? `\n${console.paint('green', 'ready')}: this machine has what ${what} needs`
      : `\n${console.paint('red', 'not ready')}: ${broken.map(({ name }) => name).join(', ')} (needed by ${what})`,
  );
  return exitCode;
}

function line({ name, ok, needed, detail, fix }: Check, width: number, paint: Paint): string {
  const word = ok ? paint('green', 'ok     ') : needed ? paint('red', 'missing') : paint('gray', 'absent ');
  const hint = !ok && needed && fix !== '' ? `\n${' '.repeat(width + 11)}${printable(fix)}` : '';
  return `${word}  ${name.padEnd(width)}  ${clip(printable(detail), 160)}${hint}`;
}
