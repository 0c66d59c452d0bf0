import { byCodeUnit } from '../../core/canonical.ts';
import type { TargetKind } from '../../stages/contract/target.ts';
import type { Targets } from '../manifest.gen.ts';
import type { ModelTarget } from '../model/model.ts';
import type { CheckContext } from '../names/check-context.ts';
import { checkSecret } from '../names/known-names.ts';
import { checkGlobs, checkPath } from '../source/check-path.ts';
import { pointer } from '../source/pointer.ts';

type ListKey = Exclude<keyof Targets, 'source'>;

interface ListKind {
  readonly key: ListKey;
  readonly kind: TargetKind;
  /** The member that is the target's own path, and further members that are paths. */
  readonly path?: string;
  readonly others: readonly string[];
  /** Paths that a build may have to make first: whether one is there is asked once a stage is to read it. */
  readonly mayBeMissing?: readonly string[];
}

const LISTS: readonly ListKind[] = [
  { key: 'images', kind: 'image', path: 'archive', others: [], mayBeMissing: ['archive'] },
  { key: 'http', kind: 'http', others: ['openapi', 'graphql', 'postman'] },
  { key: 'privacy', kind: 'privacy', path: 'path', others: [] },
  { key: 'iac', kind: 'iac', path: 'path', others: [] },
  { key: 'binaries', kind: 'binary', path: 'path', others: [] },
  { key: 'kubernetes', kind: 'kubernetes', path: 'manifests', others: [] },
  { key: 'cloud', kind: 'cloud', others: [] },
  // It has no path: its program, its seeds and what it is built of lie anywhere.
  { key: 'fuzz', kind: 'fuzz', others: ['binary', 'seeds'], mayBeMissing: ['binary'] },
];

/** All targets, sorted by kind and name; the source tree is always one. Reports paths, secrets and names used twice. */
export function buildTargets(targets: Targets, context: CheckContext): ModelTarget[] {
  const { out } = context;
  const source = targets.source ?? {};
  const built: ModelTarget[] = [
    {
      kind: 'source',
      name: 'source',
      path: checkPath(source.path ?? '.', '/targets/source/path', context) ?? '.',
      include: checkGlobs(source.include, '/targets/source/include', out),
      exclude: checkGlobs(source.exclude, '/targets/source/exclude', out),
      details: {},
      pointer: targets.source ? '/targets/source' : '',
    },
  ];
  for (const list of LISTS) {
    const seen = new Set<string>();
    const entries = (targets[list.key] ?? []) as unknown as readonly Readonly<Record<string, unknown>>[];
    for (const [index, entry] of entries.entries()) {
      const at = pointer('targets', list.key, index);
      const name = String(entry.name);
      if (seen.has(name))
        out.report('SP2016', `${at}/name`, `two ${list.key} targets have the same name`, { value: name });
      seen.add(name);
      built.push(buildTarget(list, entry, at, context));
    }
  }
  return built.sort(byKindAndName);
}

/** The order of targets. */
export function byKindAndName(a: ModelTarget, b: ModelTarget): number {
  return byCodeUnit(a.kind, b.kind) || byCodeUnit(a.name, b.name);
}

function buildTarget(
  list: ListKind,
  entry: Readonly<Record<string, unknown>>,
  at: string,
  context: CheckContext,
): ModelTarget {
  const { names, out } = context;
  const { name, include, exclude, path: _, ...details } = entry;
  const normal = new Map<string, string>();
  for (const key of [...(list.path ? [list.path] : []), ...list.others]) {
    const given = entry[key];
    if (typeof given !== 'string') continue;
    const use = { mayBeMissing: list.mayBeMissing?.includes(key) ?? false };
    const path = checkPath(given, `${at}/${key}`, context, use);
    if (path !== undefined) normal.set(key, path);
  }
  const auth = details.auth as { readonly secret: string } | undefined;
  if (auth) checkSecret(auth.secret, `${at}/auth/secret`, names, out);
  const path = list.path === undefined ? undefined : normal.get(list.path);
  return {
    kind: list.kind,
    name: String(name),
    ...(path === undefined ? {} : { path }),
    include: checkGlobs(include as string[] | undefined, `${at}/include`, out),
    exclude: checkGlobs(exclude as string[] | undefined, `${at}/exclude`, out),
    details: { ...details, ...Object.fromEntries([...normal].filter(([key]) => key !== 'path')) },
    pointer: at,
  };
}
