import { relative } from 'node:path';
import { checkGolden, type GoldenRequest, updateGolden } from '../../app/golden/golden.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { GoldenReport } from '../../evidence/golden/compare-golden.ts';
import type { Difference } from '../../evidence/golden/structural-diff.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { clip, printable } from '../shared/paint.ts';

const MOST = 5;
const KIND_STYLE = { missing: 'red', extra: 'yellow', invalid: 'red', changed: 'yellow' } as const;

/** `secplan golden check|update [NAME]`: exit 5 where a bundle differs from its golden. Never scans. */
export async function golden(
  console: Console,
  what: 'check' | 'update',
  name: unknown,
  flags: Flags,
): Promise<number> {
  const { bundle, exportDir, dir } = flags as Partial<GoldenRequest>;
  const request: GoldenRequest = {
    cwd: console.cwd,
    name: typeof name === 'string' ? name : undefined,
    bundle,
    exportDir,
    dir,
  };
  return what === 'check' ? check(console, request) : update(console, request);
}

async function check(console: Console, request: GoldenRequest): Promise<number> {
  const report = await checkGolden(request);
  if (!report.ok) return console.refuse(report.diagnostics, exitOf(report.diagnostics));
  const exitCode = report.value.equal ? EXIT.pass : EXIT.golden;
  if (console.json) console.raw(`${JSON.stringify({ ...report.value, exitCode }, null, 2)}\n`);
  else console.print(reportText(report.value, console));
  return exitCode;
}

async function update(console: Console, request: GoldenRequest): Promise<number> {
  const folder = await updateGolden(request);
  if (!folder.ok) return console.refuse(folder.diagnostics, exitOf(folder.diagnostics));
  const near = relative(console.cwd, folder.value);
  if (console.json) console.document('golden-update', { folder: near });
  else
    console.print(`${console.paint('green', 'recorded')} ${printable(near)}; review it before you commit it`);
  return EXIT.pass;
}

/** A difference is 5; for a bundle or golden that cannot be used, what other commands end with. */
function exitOf(diagnostics: readonly Diagnostic[]): number | undefined {
  return diagnostics.some(({ code }) => code === 'SP6003') ? EXIT.golden : undefined;
}

/** `/counts/overall/high: 5 -> 6` */
function differenceText({ at, before = 'nothing', after = 'nothing' }: Difference): string {
  return `${clip(printable(at), 90)}: ${clip(printable(before), 70)} -> ${clip(printable(after), 70)}`;
}

function reportText({ name, equal, changes, tools }: GoldenReport, { paint }: Console): string {
  if (equal) return `${paint('green', 'equal')} to golden ${printable(name)}`;
  const lines = changes.flatMap(({ path, kind, detail, differences }) => [
    `${paint(KIND_STYLE[kind], kind.padEnd(7))}  ${printable(path)}: ${printable(detail)}`,
    ...differences.slice(0, MOST).map((difference) => `           ${differenceText(difference)}`),
    ...(differences.length > MOST ? [`           … and ${differences.length - MOST} more`] : []),
  ]);
  const versions = tools.map(
    ({ stage, before, after }) => `  ${stage}: ${printable(before)} is now ${printable(after)}`,
  );
  return [
    `${paint('red', 'differs')} from golden ${printable(name)} in ${changes.length} ${changes.length === 1 ? 'artifact' : 'artifacts'}`,
    ...lines,
    ...(versions.length === 0 ? [] : ['Likely cause: these tool versions changed:', ...versions]),
    `${paint('bold', 'Next')}  if the change is intended: ${paint('cyan', `secplan golden update ${printable(name)}`)}`,
  ].join('\n');
}
