import type { Model } from '../compiler/model/model.ts';
import type { Catalogue } from '../stages/contract/catalogue.ts';
import type { StageCommand } from '../stages/contract/command.ts';

/** Loads what planning calls of the scanners that a model plans, and of no others. Unknown ids are left to the planner to report. */
export async function loadCommands(
  model: Pick<Model, 'tools'>,
  catalogue: Catalogue,
): Promise<ReadonlyMap<string, StageCommand<unknown>>> {
  const planned = new Set(model.tools.map(({ definition }) => definition));
  // Databases of databases would need another turn; there are none.
  const read = [...planned].flatMap((id) => catalogue.get(id)?.requires.consumes ?? []);
  const databases = read
    .filter(({ from }) => catalogue.get(from)?.kind === 'database')
    .map(({ from }) => from);
  const ids = [...new Set([...planned, ...databases])];
  const loaded = await Promise.all(
    ids.map(async (id) => {
      const command = await catalogue.get(id)?.command();
      return command === undefined ? [] : [[id, command] as const];
    }),
  );
  return new Map(loaded.flat());
}
