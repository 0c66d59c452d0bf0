import type { Budgets, Manifest, Profile } from '../manifest.gen.ts';
import { BUILT_IN_PROFILES } from '../names/profiles.ts';
import { pointer } from '../source/pointer.ts';
import { alternatives, type Reporter } from '../source/reporter.ts';
import { parseDuration } from '../source/units.ts';

/** One level of a profile chain: what a built-in profile or an entry of the manifest adds. */
export interface ProfileLevel {
  readonly name: string;
  readonly enable: readonly string[];
  readonly disable: readonly string[];
  readonly options: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly slaMs?: number;
  readonly budgets?: Budgets;
  readonly requiresStack?: boolean;
  /** Pointer of the manifest's entry; absent for a built-in one. */
  readonly pointer?: string;
}

/**
 * The levels of a profile, base first. An entry with a built-in profile's name and without `extends` (or extending its
 * own name) amends the built-in one. Reports SP2007 and SP2010; then the chain is what could be followed.
 */
export function profileChain(
  manifest: Manifest,
  profile: string,
  known: ReadonlySet<string>,
  out: Reporter,
): ProfileLevel[] {
  const levels: ProfileLevel[] = [];
  const own = new Map(Object.entries(manifest.profiles ?? {}));
  const seen: string[] = [];
  let next: string | undefined = profile;
  let from = '';
  while (next !== undefined) {
    const name: string = next;
    if (!known.has(name)) {
      const summary = `unknown profile ${JSON.stringify(name)}`;
      if (from === '') out.reportUsage('SP2007', summary, alternatives(name, known));
      else out.report('SP2007', from, summary, alternatives(name, known));
      break;
    }
    if (seen.includes(name)) {
      const cycle = [...seen.slice(seen.indexOf(name)), name].join(' -> ');
      out.report('SP2010', from, `profile extends itself: ${cycle}`, { value: name });
      break;
    }
    seen.push(name);
    const entry = own.get(name);
    const builtIn = BUILT_IN_PROFILES.get(name);
    const amends = builtIn !== undefined && (entry?.extends === undefined || entry.extends === name);
    if (entry) levels.unshift(ownLevel(name, entry));
    if (amends) levels.unshift(builtInLevel(name));
    next = amends ? builtIn.extends : entry?.extends;
    from = amends ? '' : pointer('profiles', name, 'extends');
  }
  return levels;
}

function ownLevel(name: string, entry: Profile): ProfileLevel {
  const slaMs = entry.sla === undefined ? undefined : parseDuration(entry.sla);
  return {
    name,
    enable: entry.tools?.enable ?? [],
    disable: entry.tools?.disable ?? [],
    options: entry.tools?.options ?? {},
    ...(slaMs === undefined ? {} : { slaMs }),
    ...(entry.budgets === undefined ? {} : { budgets: entry.budgets }),
    ...(entry.requiresStack === undefined ? {} : { requiresStack: entry.requiresStack }),
    pointer: pointer('profiles', name),
  };
}

function builtInLevel(name: string): ProfileLevel {
  const builtIn = BUILT_IN_PROFILES.get(name);
  return {
    name,
    enable: builtIn?.enable ?? [],
    disable: builtIn?.disable ?? [],
    options: builtIn?.options ?? {},
    ...(builtIn === undefined ? {} : { slaMs: builtIn.slaMs }),
    ...(builtIn?.requiresStack === undefined ? {} : { requiresStack: builtIn.requiresStack }),
  };
}
