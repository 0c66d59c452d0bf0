import type { ToolsLock } from '../lock/lock-types.ts';
import { isForMachine, releasePlatforms } from '../lock/release-files.ts';
import type { CatalogueEntry } from '../stages/contract/catalogue.ts';
import { isResolvable, type Provider } from '../stages/contract/provider.ts';
import { machineKey } from './installers/release.ts';
import type { Problem } from './shared/problem.ts';

export type Declared = Pick<CatalogueEntry, 'kind' | 'userDefined' | 'providers'>;

/** What is declared of a scanner: a plan lists only the providers that a run may use unasked. */
export interface DeclaredTools {
  /** Absent: nothing is known. */
  readonly entryOf?: (definition: string) => Declared | undefined;
}

/** What another provider, a program on PATH or leaving it out can help against; a changed or malicious file is no such problem. */
const HELPED: ReadonlySet<Problem['code']> = new Set([
  'SP4002',
  'SP4003',
  'SP4005',
  'SP4006',
  'SP4007',
  'SP4017',
]);

/** What decides which ways there are. */
interface WaysFacts {
  readonly lock: ToolsLock;
  /** Names of providers. */
  readonly tried?: readonly string[];
}

/**
 * What a user can do on this machine about a tool that is unavailable, as one sentence with every way: the same wherever it
 * is said. Empty for a tool without providers.
 * @param tried providers that were of no use: to accept them is no way out
 */
export function waysOut(tool: string, entry: Declared | undefined, { lock, tried = [] }: WaysFacts): string {
  const left = (entry?.providers ?? []).filter(({ kind, name }) => kind === 'path' || !tried.includes(name));
  const ways = left.flatMap((provider) => wayThrough(tool, provider, lock));
  if (ways.length === 0) return '';
  // A database is left out with the scanners that need it.
  const without = entry?.kind === 'database' ? [] : [`leave it out with --skip ${tool}`];
  return `Ways out: ${[...ways, ...without].join('; ')}.`;
}

/** A problem with the ways out of it behind what helps against the problem itself. */
export function withWaysOut(
  problem: Problem,
  tool: string,
  entry: Declared | undefined,
  facts: WaysFacts,
): Problem {
  const ways = HELPED.has(problem.code) ? waysOut(tool, entry, facts) : '';
  if (ways === '') return problem;
  return { ...problem, fix: problem.fix === undefined ? ways : `${problem.fix} ${ways}` };
}

function wayThrough(tool: string, provider: Provider, lock: ToolsLock): readonly string[] {
  const { name, kind, bin, thirdParty, package: packaged } = provider;
  const locked = lock.tools[tool]?.[name];
  const set = `tools.${tool}.provider: ${name}`;
  if (kind === 'path') return [`put ${bin} on PATH`];
  if (kind === 'image') return locked === undefined ? [] : ['run on an engine with --runtime dagger'];
  if (locked === undefined) {
    return isResolvable(kind) && thirdParty === undefined
      ? [`pin it with \`secplan tools lock ${tool} --provider ${name}\``]
      : [];
  }
  if (thirdParty !== undefined) return [`accept ${packaged}, packaged by ${thirdParty}, with \`${set}\``];
  // Unasked it would have been tried.
  const unasked = isForMachine(releasePlatforms(locked, false), machineKey());
  return unasked || !isForMachine(releasePlatforms(locked, true), machineKey())
    ? []
    : [`accept the project's release, whose hash one source publishes, with \`${set}\``];
}
