import type { Manifest } from '../../compiler/manifest.gen.ts';
import { canonicalJson } from '../../core/canonical.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { PullRequest } from './pull-request.ts';

const HELP = 'Pass --trusted with the base branch: then the policy of the base decides.';

/** A warning (SP2071) where a pull request passes or fails by a policy that it has changed itself. `base` is null where it is not known. */
export function ownPolicy(
  manifest: Manifest,
  base: { readonly ref: string; readonly manifest: Manifest } | null,
  { system }: PullRequest,
): readonly Diagnostic[] {
  const said = (why: string): readonly Diagnostic[] => [
    diagnostic('SP2071', `this pull request of ${system} decides its own policy: ${why}`, { help: HELP }),
  ];
  if (base === null) return said('its base commit is not available for comparison');
  const changed = Object.entries(gating(manifest))
    .filter(([name, value]) => canonicalJson(value) !== canonicalJson(gating(base.manifest)[name] ?? null))
    .map(([name]) => name);
  return changed.length === 0 ? [] : said(`${changed.join(' and ')} differ from ${base.ref}`);
}

function gating({ policy = {}, profiles = {} }: Manifest): Readonly<Record<string, unknown>> {
  return {
    policy,
    'budgets of profiles': Object.entries(profiles).flatMap(([name, { budgets }]) =>
      budgets === undefined ? [] : [[name, budgets]],
    ),
  };
}
