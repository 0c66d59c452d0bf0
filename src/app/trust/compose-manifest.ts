import type { CustomTool, Manifest, Profile, Tool } from '../../compiler/manifest.gen.ts';
import { canonicalJson } from '../../core/canonical.ts';
import { isGranted } from './grants.ts';

/** What a manifest says for itself, and where it was not heard. */
export interface ComposedManifest {
  readonly manifest: Manifest;
  /** JSON pointers of what the trusted manifest says otherwise; of the workspace's manifest. */
  readonly overruled: readonly string[];
}

/** Parts that are the trusted manifest's alone. */
const TRUSTED_PARTS = ['policy', 'secrets', 'evidence', 'delivery', 'notify', 'cache', 'runtime'] as const;

/**
 * A manifest under review with everything that grants or starts programs taken from a trusted one: the parts above, custom
 * tools, whole entries of tools that are granted something, and `severityMap`. It has no policy,
 * no budgets and no times: they are the trusted model's, resolved with the trusted profiles.
 * Which scanners run, on what and with which options stays as the change has it: `plan --against` judges that.
 */
export function composeManifest(head: Manifest, base: Manifest): ComposedManifest {
  const overruled: string[] = [];
  const compare = (pointer: string, own: unknown, trusted: unknown): void => {
    if (canonicalJson(own ?? null) !== canonicalJson(trusted ?? null)) overruled.push(pointer);
  };
  for (const part of TRUSTED_PARTS) compare(`/${part}`, head[part], base[part]);
  const tools = composeTools(head, base, compare);
  const profiles = composeProfiles(head, base, compare);
  const parts = Object.fromEntries(
    TRUSTED_PARTS.flatMap((part) =>
      part === 'policy' || base[part] === undefined ? [] : [[part, base[part]]],
    ),
  );
  const kept = Object.fromEntries(
    Object.entries(head).filter(([name]) => !(TRUSTED_PARTS as readonly string[]).includes(name)),
  );
  const manifest = {
    ...kept,
    ...parts,
    ...(tools === undefined ? {} : { tools }),
    ...(profiles === undefined ? {} : { profiles }),
  } as Manifest;
  return { manifest, overruled };
}

type Compare = (pointer: string, own: unknown, trusted: unknown) => void;

function composeTools(head: Manifest, base: Manifest, compare: Compare): Manifest['tools'] {
  const [own, trusted] = [splitTools(head), splitTools(base)];
  for (const id of new Set([...Object.keys(own.custom), ...Object.keys(trusted.custom)]))
    compare(`/tools/custom/${id}`, own.custom[id], trusted.custom[id]);
  const composed: Record<string, Tool> = {};
  for (const id of new Set([...Object.keys(own.scanners), ...Object.keys(trusted.scanners)])) {
    const [mine, theirs] = [own.scanners[id], trusted.scanners[id]];
    if (theirs !== undefined && isGranted(theirs)) {
      compare(`/tools/${id}`, mine, theirs);
      composed[id] = theirs;
      continue;
    }
    for (const name of ['network', 'secrets', 'severityMap'] as const)
      compare(`/tools/${id}/${name}`, mine?.[name], theirs?.[name]);
    const { network: _, secrets: __, severityMap: ___, ...rest } = mine ?? {};
    composed[id] = {
      ...rest,
      ...(theirs?.network === undefined ? {} : { network: theirs.network }),
      ...(theirs?.severityMap === undefined ? {} : { severityMap: theirs.severityMap }),
    };
  }
  if (Object.keys(composed).length === 0 && Object.keys(trusted.custom).length === 0) return undefined;
  return { ...composed, ...(Object.keys(trusted.custom).length === 0 ? {} : { custom: trusted.custom }) };
}

function splitTools({ tools = {} }: Manifest): {
  readonly scanners: Readonly<Record<string, Tool>>;
  readonly custom: Readonly<Record<string, CustomTool>>;
} {
  const { custom = {}, ...scanners } = tools as { custom?: Record<string, CustomTool> };
  return { custom, scanners: scanners as Record<string, Tool> };
}

function composeProfiles(head: Manifest, base: Manifest, compare: Compare): Manifest['profiles'] {
  if (head.profiles === undefined) return undefined;
  const entries = Object.entries(head.profiles).map(([name, profile]): [string, Profile] => {
    const theirs = base.profiles?.[name];
    compare(`/profiles/${name}/budgets`, profile.budgets, theirs?.budgets);
    compare(`/profiles/${name}/sla`, profile.sla, theirs?.sla);
    // A change of `extends` must not pick other ones either.
    const { budgets: _, sla: __, ...rest } = profile;
    return [name, rest];
  });
  return Object.fromEntries(entries);
}
