import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { ToolsLock } from '../../lock/lock-types.ts';
import type { ToolStage } from '../../planner/ir/ir.ts';
import type { Catalogue } from '../../stages/contract/catalogue.ts';
import { isOwnScript } from '../../stages/contract/own-script.ts';
import { pickProvider, type ToolPlace } from '../../toolchain/provision.ts';

/** For `--locked`: an SP4002 for each planned tool that would run otherwise than as tools.lock.json pins it. */
export function requirePins(
  stages: readonly ToolStage[],
  lock: ToolsLock,
  catalogue: Catalogue,
  place?: ToolPlace,
): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  for (const stage of stages) {
    const planned = pickProvider(stage, place);
    if (planned !== undefined && isOwnScript(planned.provider)) continue;
    const name = planned?.provider.name;
    const pinned = name === undefined ? undefined : lock.tools[stage.definition]?.[name];
    if (planned !== undefined && pinned !== undefined && pinned.digest === planned.digest) continue;
    const userDefined = catalogue.get(stage.definition)?.userDefined === true;
    found.set(
      stage.tool,
      userDefined ? ownCommand(stage) : unpinned(stage, planned?.provider.kind === 'path', pinned?.version),
    );
  }
  return [...found.values()];
}

function ownCommand({ tool }: ToolStage): Diagnostic {
  return diagnostic('SP4002', `${tool} is a command from the manifest, which a lock file cannot pin`, {
    help: `Leave it out with --skip ${tool}, or run without --locked.`,
  });
}

function unpinned(stage: ToolStage, onPath: boolean, version: string | undefined): Diagnostic {
  const { tool, definition } = stage;
  const help = `Pin it with \`secplan tools lock ${definition}\`, or leave it out with --skip ${tool}.`;
  if (version !== undefined) {
    return diagnostic(
      'SP4002',
      `${tool} is planned in another version than ${version}, which the lock pins`,
      {
        help,
      },
    );
  }
  const where = onPath ? 'comes from PATH, and ' : '';
  return diagnostic('SP4002', `${tool} ${where}is not pinned by tools.lock.json`, { help });
}
