import { machineView } from '../../app/workspace/machine-view.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { listTools, type ProviderRow, type ToolRow } from '../../toolchain/list-tools.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { table } from '../views/table.ts';

const STATE_STYLE = {
  installed: 'green',
  installable: 'cyan',
  'on-path': 'yellow',
  unpinned: 'yellow',
  missing: 'red',
} as const;

/** `secplan tools list`: one line a scanner, with the provider that would be used. */
export async function toolsList(console: Console): Promise<number> {
  const view = await machineView(console, console.cwd);
  if (!view.ok) return console.refuse(view.diagnostics);
  console.diagnose(view.diagnostics);
  const tools = await listTools(catalogue, view.value);
  if (console.json) {
    console.document('tools', { tools });
    return EXIT.pass;
  }
  const rows = tools.map((tool) => {
    const provider = chosenProvider(tool);
    return [
      tool.id,
      tool.category,
      provider?.version ?? '-',
      provider?.name ?? 'dagger only',
      provider?.state ?? '-',
      remarks(tool, provider),
    ];
  });
  const text = table([['TOOL', 'CATEGORY', 'VERSION', 'FROM', 'STATE', ''], ...rows]);
  const states = new RegExp(`\\b(${Object.keys(STATE_STYLE).join('|')})(?= |$)`, 'm');
  console.print(
    text
      .split('\n')
      .map((line, index) =>
        index === 0
          ? console.paint('bold', line)
          : line.replace(states, (word) =>
              console.paint(STATE_STYLE[word as keyof typeof STATE_STYLE], word),
            ),
      )
      .join('\n'),
  );
  console.print(
    '\n`secplan tools show TOOL` describes one tool; `secplan tools install` installs what a profile needs.',
  );
  return EXIT.pass;
}

/** The local provider that a run takes without being told: the project's own where it is pinned, else one that is. */
export function chosenProvider(tool: ToolRow): ProviderRow | undefined {
  const local = tool.providers.filter((provider) => provider.runtime === 'local');
  const own = local.filter((provider) => provider.thirdParty === null);
  const pinned = (list: readonly ProviderRow[]) => list.find((provider) => provider.version !== null);
  return pinned(own) ?? pinned(local) ?? own[0] ?? local[0];
}

function remarks(tool: ToolRow, provider: ProviderRow | undefined): string {
  const parts = [
    ...(tool.archived ? ['its project is archived'] : []),
    ...(provider?.thirdParty == null
      ? []
      : [`opt in: tools.${tool.id}.provider: ${provider.name} (third party: ${provider.thirdParty})`]),
  ];
  return parts.join('; ');
}
