import type { CatalogueEntry } from '../../stages/contract/catalogue.ts';
import type { ToolRow } from '../../toolchain/list-tools.ts';
import { isAvailable } from '../../toolchain/tool-check.ts';
import type { Paint } from '../shared/paint.ts';
import { duration } from './stage-line.ts';
import { table } from './table.ts';

/** One scanner for people: what it is, what it reads, where it comes from, what it can be told. */
export function toolText(
  entry: CatalogueEntry,
  row: ToolRow,
  { options, ways }: { readonly options: unknown; readonly ways: string },
  paint: Paint,
): string {
  const { tool, requires, category } = entry;
  const selection = requires.selection;
  const facts = [
    ['category', category],
    ['target', requires.target],
    ...(selection === undefined
      ? []
      : [
          [
            'reads',
            [...selection.include, ...(selection.interpreters ?? []).map((name) => `#!${name}`)].join(' '),
          ],
        ]),
    ...(selection?.exclude === undefined ? [] : [['but not', selection.exclude.join(' ')]]),
    ['network', networkText(requires.network)],
    ['license', tool.license],
    ['homepage', tool.homepage],
    ['timeout', duration(entry.timeoutMs)],
    ['needs', `${entry.resources.cpus} cpu, ${entry.resources.memoryMb} MB`],
  ];
  const providers = row.providers.map((provider) => [
    provider.name,
    `${provider.kind}:${provider.package}`,
    provider.version ?? 'not pinned',
    provider.state,
    provider.thirdParty === null
      ? ''
      : `third party (${provider.thirdParty}): used only when the manifest names it`,
  ]);
  const fixes = unavailable(row) ? [...new Set([...row.providers.map(({ fix }) => fix), ways])] : [];
  const members = optionRows(options);
  return [
    `${paint('bold', tool.name)} (${entry.id})${tool.status === 'archived' ? paint('yellow', '  its project is archived') : ''}`,
    table(facts, '  '),
    '',
    paint('bold', 'Providers, in order of preference'),
    table(providers, '  '),
    ...fixes.filter((fix) => fix !== '').map((fix) => `  ${fix}`),
    '',
    paint('bold', `Options, under tools.${entry.id}.options`),
    members.length === 0 ? '  none' : table(members, '  '),
  ].join('\n');
}

/** Nothing that is used unasked is there or can be installed. */
function unavailable({ providers }: ToolRow): boolean {
  return !providers.some((row) => row.runtime === 'local' && row.thirdParty === null && isAvailable(row));
}

function networkText(network: CatalogueEntry['requires']['network']): string {
  if (network === undefined || network === 'none') return 'none';
  return network === 'stack' ? 'only the stack' : `only ${network.egress.join(', ')}`;
}

/** Members of a JSON Schema object: name, type, default, description. */
function optionRows(schema: unknown): string[][] {
  const properties = (schema as { properties?: Record<string, Record<string, unknown>> }).properties ?? {};
  return Object.entries(properties).map(([name, member]) => [
    name,
    typeText(member),
    member.default === undefined ? '' : `default ${JSON.stringify(member.default)}`,
    typeof member.description === 'string' ? member.description : '',
  ]);
}

function typeText(member: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(member.enum)) return member.enum.map(String).join(' | ');
  if (member.type === 'array') return `list of ${typeText((member.items ?? {}) as Record<string, unknown>)}`;
  return typeof member.type === 'string' ? member.type : 'any';
}
