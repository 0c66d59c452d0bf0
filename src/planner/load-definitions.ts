import type { Model } from '../compiler/model.ts';
import type { Catalogue, StageDefinition } from '../stages/contract.ts';

/** Loads the modules of the scanners that a model plans, and no others. Unknown ids are left to the planner to report. */
export async function loadDefinitions(
  model: Pick<Model, 'tools'>,
  catalogue: Catalogue,
): Promise<ReadonlyMap<string, StageDefinition<unknown>>> {
  const planned = new Set(model.tools.map(({ definition }) => definition));
  // Databases of databases would need another turn; there are none.
  const read = [...planned].flatMap((id) => catalogue.get(id)?.requires.consumes ?? []);
  const databases = read
    .filter(({ from }) => catalogue.get(from)?.kind === 'database')
    .map(({ from }) => from);
  const ids = [...new Set([...planned, ...databases])];
  const loaded = await Promise.all(
    ids.map(async (id) => {
      const definition = await catalogue.get(id)?.load();
      return definition === undefined ? [] : [[id, definition] as const];
    }),
  );
  return new Map(loaded.flat());
}
