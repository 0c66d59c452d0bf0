import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlanRequest } from '../../compiler/model/plan-request.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { createPublishRedactor } from '../../core/redaction/redactor.ts';
import { compileManifest } from '../compile/compile-manifest.ts';
import { gitFacts, isTag } from '../git/git-facts.ts';
import { receiverStages } from '../plan-facts/plan-facts.ts';
import { resolveSecrets } from '../secrets/resolve-secrets.ts';
import { pullRequestOf } from '../trust/pull-request.ts';
import { openBundle } from '../workspace/open-bundle.ts';
import { type HandedOn, handOnBundle } from './hand-on-bundle.ts';

export interface DeliverBundleRequest extends Pick<PlanRequest, 'manifestPath' | 'workspace' | 'trusted'> {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly bundle?: string | undefined;
  readonly exportDir?: string | undefined;
  /** Receivers by stage id; all where empty. */
  readonly only: readonly string[];
  readonly offline: boolean;
  /** The caller vouches for what the workspace decides. */
  readonly trustWorkspace?: boolean | undefined;
  /** Tag whose release the bundle is added to; else what CI or git says. */
  readonly tag?: string | undefined;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

export interface DeliveredBundle extends HandedOn {
  /** Absolute. */
  readonly bundle: string;
}

/**
 * Hands a bundle on to the receivers that the manifest names: those of the bundle's own plan are not asked, for a bundle
 * may come from elsewhere and the secrets are of here. SP5088, SP6001, SP6002, SP6046 to SP6048, and the manifest's diagnostics.
 */
export async function deliverStoredBundle(request: DeliverBundleRequest): Promise<Outcome<DeliveredBundle>> {
  const { cwd, env, manifestPath, workspace, trusted, only, offline, signal, now, tag } = request;
  if (tag !== undefined && !isTag(tag))
    return failed([diagnostic('SP9001', `not a valid tag name: ${JSON.stringify(tag.slice(0, 100))}`)]);
  const content = await openBundle(request);
  if (!content.ok) return content;
  const bundleDir = content.value.dir;
  const compiled = await compileManifest({
    ...{ cwd, manifestPath, workspace, trusted },
    profile: content.value.plan.profile,
    pullRequest: pullRequestOf(env),
    trust: { mode: 'require', env, trustWorkspace: request.trustWorkspace ?? false, unsandboxed: false },
  });
  if (!compiled.ok) return compiled;
  const { plan, model, loaded } = compiled.value;
  const all = receiverStages(plan);
  const stages = only.length === 0 ? all : all.filter(({ id }) => only.includes(id));
  const unknown = only.filter((id) => !all.some((stage) => stage.id === id));
  if (stages.length === 0 || unknown.length > 0) {
    const what =
      unknown.length > 0 ? `unknown receiver: ${unknown.join(', ')}` : 'the manifest names no receiver';
    return failed([
      diagnostic('SP6047', what, { allowed: all.map(({ id }) => id), help: 'Add `delivery` or `notify`.' }),
    ]);
  }
  const names = (optional: boolean) =>
    stages.filter((stage) => stage.optional === optional).flatMap((stage) => stage.secrets);
  const place = { workspace: loaded.workspace, env };
  const secrets = resolveSecrets({ needed: names(false), wanted: names(true) }, model.secrets, place);
  if (!secrets.ok) return secrets;
  // A bundle may hold what another part of the manifest declares: no receiver has a use for that, but it stays unsaid.
  const others = Object.keys(model.secrets);
  const known = resolveSecrets({ needed: [], wanted: others }, model.secrets, place);
  const redactor = createPublishRedactor(
    Object.values({ ...(known.ok ? known.value : {}), ...secrets.value }),
  );
  const git = await gitFacts(loaded.workspace, await scannedCommit(bundleDir), env, tag);
  const handed = await handOnBundle({
    bundleDir,
    stages,
    secrets: secrets.value,
    redactor,
    git,
    offline,
    signal,
    now,
  });
  return success({ bundle: bundleDir, ...handed });
}

/** The commit that the bundle's statement names; null where it has none. */
async function scannedCommit(bundleDir: string): Promise<string | null> {
  try {
    const statement = JSON.parse(await readFile(join(bundleDir, 'attestation.intoto.json'), 'utf8')) as {
      readonly predicate?: {
        readonly buildDefinition?: { readonly internalParameters?: { readonly source?: unknown } };
      };
    };
    const source = statement.predicate?.buildDefinition?.internalParameters?.source as {
      readonly gitSha?: unknown;
    } | null;
    const sha = source?.gitSha;
    return typeof sha === 'string' && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(sha) ? sha : null;
  } catch {
    return null;
  }
}
