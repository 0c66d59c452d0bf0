import { resolve } from 'node:path';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { carryOut, type ToolToCarry } from '../../toolchain/carry/carry-out.ts';
import { openHouseDiagnostic } from '../../toolchain/house/in-house.ts';
import { problemDiagnostic, refuse } from '../../toolchain/shared/problem.ts';
import { withWaysOut } from '../../toolchain/ways-out.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { catchInterrupt } from '../shared/interrupt.ts';
import { selectTools } from '../shared/select-tools.ts';

/** `secplan tools install --to-bundle FILE`: fetches instead of installing, into one file. Exit 3 and no file on any failure. */
export async function toolsToBundle(
  console: Console,
  ids: readonly string[],
  flags: Flags,
  file: string,
): Promise<number> {
  const selection = await selectTools(console, ids, flags);
  if (!selection.ok) return console.refuse(selection.diagnostics);
  console.diagnose(selection.diagnostics);
  const { lock, workspace, wanted } = selection.value;
  const items = wanted.map(({ tool, providers }): ToolToCarry | undefined => {
    const [first, ...others] = providers.flatMap(({ name, bin }): readonly ToolToCarry[] => {
      const locked = lock.tools[tool]?.[name];
      return locked === undefined ? [] : [{ tool, provider: name, bin, locked }];
    });
    return first === undefined ? undefined : { ...first, others };
  });
  const unpinned = wanted.filter((_, index) => items[index] === undefined);
  if (unpinned.length > 0) {
    return console.refuse(
      unpinned.map(({ tool, unavailable = 'tools.lock.json does not pin it' }) => {
        const { problem } = refuse('SP4002', unavailable);
        return problemDiagnostic(tool, withWaysOut(problem, tool, catalogue.get(tool), { lock }));
      }),
      EXIT.infrastructure,
    );
  }
  using interrupt = catchInterrupt(() => console.note('Interrupted. Stopping the download.'));
  const outcome = await carryOut(
    resolve(console.cwd, file),
    items.filter((item) => item !== undefined),
    {
      lock,
      env: console.env,
      workspace,
      signal: interrupt.signal,
      onOpen: (why) => console.diagnose([openHouseDiagnostic(why)]),
      onTool: ({ tool, locked }) => console.note(`fetching ${tool} ${locked.version}`),
    },
  );
  if (!outcome.ok) {
    return console.refuse(
      outcome.problems.map(({ tool, problem }) => problemDiagnostic(tool, problem)),
      interrupt.signal.aborted ? EXIT.interrupted : EXIT.infrastructure,
    );
  }
  const { tools } = outcome.index;
  if (console.json) console.document('tools-bundle', { file, tools });
  else console.print(`${file} holds ${tools.map(({ tool, version }) => `${tool} ${version}`).join(', ')}`);
  return EXIT.pass;
}
