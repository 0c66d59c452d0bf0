import { byCodeUnit } from '../../core/canonical.ts';
import type { Diagnostic, Place } from '../../core/diagnostic.ts';
import { isError } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import type { Catalogue } from '../../stages/contract/catalogue.ts';
import type { Manifest, PolicyFile } from '../manifest.gen.ts';
import type { Model, ModelStack, ModelTarget } from '../model/model.ts';
import { knownNames } from '../names/known-names.ts';
import { type Reporter, reporter } from '../source/reporter.ts';
import { sortDiagnostics } from '../source/sort-diagnostics.ts';
import { parseSize } from '../source/units.ts';
import type { WorkspaceFacts } from '../source/workspace-facts.ts';
import { checkTargetServices, PLACEHOLDER_TARGET, placeholderStack } from '../stack/bind-targets.ts';
import { buildStack } from '../stack/build-stack.ts';
import type { fromCompose } from '../stack/from-compose.ts';
import { buildTargets, byKindAndName } from './build-targets.ts';
import { buildTool } from './build-tools.ts';
import { checkPolicy, plannedWaivers } from './check-policy.ts';
import { checkPolicyFiles } from './check-policy-files.ts';
import { checkSecrets } from './check-secrets.ts';
import { checkProfiles, checkTools } from './check-tools.ts';
import { chooseTools } from './choose-tools.ts';
import { deliveriesOf, notificationsOf } from './delivery-of.ts';
import { effectiveBudgets } from './effective-budgets.ts';
import { checkEvidence, evidenceOf } from './evidence-of.ts';
import { profileChain } from './profile-chain.ts';
import { remoteCacheOf } from './remote-cache-of.ts';
import { checkSupported } from './unsupported.ts';

/** A validated manifest with its places, as `loadManifest` gives it. */
export interface ResolvableManifest {
  readonly manifest: Manifest;
  place(pointer: string): Place | undefined;
  keyPlace(pointer: string): Place | undefined;
}

export interface ResolveRequest {
  /** Default `light`. */
  readonly profile?: string;
  readonly catalogue: Catalogue;
  readonly facts: WorkspaceFacts;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  /** `--policy FILE`, validated: its budgets, and its licence lists where it has some. */
  readonly policyOverride?: PolicyFile;
  readonly runtime?: Model['runtime'];
  readonly enforceSla?: boolean;
  /** `--requires-stack`. */
  readonly requiresStack?: boolean;
  /** `--stack-base-url`. */
  readonly stackBaseUrl?: string;
  /** Needed by a manifest whose stack names a Compose file. */
  readonly fromCompose?: typeof fromCompose;
}

/** What a validated manifest means under a profile. Pure but for `facts`; every error is reported at once. */
export function resolve(loaded: ResolvableManifest, request: ResolveRequest): Outcome<Model> {
  const { manifest } = loaded;
  const profile = request.profile ?? 'light';
  const out = reporter(loaded);
  const names = knownNames(manifest, request.catalogue);
  const levels = profileChain(manifest, profile, names.profiles, out);
  for (const name of Object.keys(manifest.profiles ?? {})) {
    if (name !== profile) profileChain(manifest, name, names.profiles, out);
  }
  checkTools(names, request.facts, out);
  checkProfiles(manifest.profiles ?? {}, names, out);
  const targets = buildTargets(manifest.targets ?? {}, names, request.facts, out);
  const { facts, stackBaseUrl } = request;
  const built = buildStack(manifest.stack, stackBaseUrl, names, facts, out, request.fromCompose);
  checkTargetServices(targets, manifest.stack, built?.stack, out);
  checkPolicy(manifest, names, targets, out);
  const files = checkPolicyFiles(manifest, request.facts, request.policyOverride, out);
  checkSecrets(manifest, names, out);
  checkEvidence(manifest, out);
  const deliveries = deliveriesOf(manifest.delivery, out);
  const notifications = notificationsOf(manifest.notify, out);
  checkSupported(manifest, request.catalogue, out);
  const maxSizeBytes = cacheSize(manifest, out);
  const remote = remoteCacheOf(manifest, out);
  checkStack(manifest, request, levels, out);
  const { chosen, notPlanned: left } = chooseTools(
    levels,
    names,
    request.only ?? [],
    request.skip ?? [],
    out,
  );
  const diagnostics = sortDiagnostics([...unique(out.found), ...(built?.diagnostics ?? [])]);
  if (diagnostics.some(isError)) return failed(diagnostics);
  const { policy = {}, cache = {}, runtime = {} } = manifest;
  const requiresStack =
    request.requiresStack ||
    (levels.findLast((level) => level.requiresStack !== undefined)?.requiresStack ?? false);
  const stack = built?.stack ?? standIn(requiresStack, targets);
  const model: Model = {
    name: manifest.metadata.name,
    labels: { ...manifest.metadata.labels },
    profile,
    profileChain: [...new Set(levels.map((level) => level.name))],
    requiresStack,
    ...(stack === undefined ? {} : { stack }),
    targets: stack?.from === 'placeholder' ? [...targets, PLACEHOLDER_TARGET].sort(byKindAndName) : targets,
    tools: chosen.map((tool) => buildTool(tool, levels, names)),
    databases: [...names.catalogue.values()]
      .filter((entry) => entry.kind === 'database')
      .map((entry) => entry.id)
      .sort(byCodeUnit)
      .map((id) => buildTool({ id, named: false, pointer: '' }, levels, names)),
    notPlanned: left,
    policy: {
      budgets: effectiveBudgets(manifest, levels, request.policyOverride),
      waivers: plannedWaivers(policy.waivers ?? []),
      onIncomplete: policy.onIncomplete ?? 'fail',
      ...files,
      coverageRequire: [...new Set(policy.coverage?.require)].sort(),
      slaMs: levels.findLast((level) => level.slaMs !== undefined)?.slaMs ?? null,
      enforceSla: request.enforceSla || policy.enforceSla || false,
    },
    secrets: { ...manifest.secrets },
    runtime: request.runtime ?? runtime.default ?? 'local',
    dagger: {
      ...(runtime.engine === undefined ? {} : { engine: runtime.engine }),
      ...(runtime.registryMirror === undefined ? {} : { registryMirror: runtime.registryMirror }),
    },
    cache: {
      ...(cache.dir === undefined ? {} : { dir: cache.dir }),
      ...(maxSizeBytes === undefined ? {} : { maxSizeBytes }),
      ...(remote === undefined ? {} : { remote }),
    },
    ...(manifest.evidence === undefined ? {} : { evidence: evidenceOf(manifest.evidence) }),
    ...(deliveries.length === 0 ? {} : { deliveries }),
    ...(notifications.length === 0 ? {} : { notifications }),
    sandbox: runtime.local?.sandbox ?? true,
  };
  return success(model, diagnostics);
}

/** A profile that wants a stack gets a placeholder, so that what it would do with one is tried; not where other HTTP targets are. */
function standIn(requiresStack: boolean, targets: readonly ModelTarget[]): ModelStack | undefined {
  return requiresStack && !targets.some(({ kind }) => kind === 'http') ? placeholderStack() : undefined;
}

function cacheSize(manifest: Manifest, out: Reporter): number | undefined {
  const text = manifest.cache?.maxSize;
  if (text === undefined) return undefined;
  const bytes = parseSize(text);
  if (bytes === undefined) out.report('SP2005', '/cache/maxSize', 'size is out of range', { value: text });
  return bytes;
}

/** Heavy without a stack binds a placeholder; a profile of the manifest that asks for one cannot do without. */
function checkStack(
  manifest: Manifest,
  request: ResolveRequest,
  levels: ReturnType<typeof profileChain>,
  out: Reporter,
): void {
  if (manifest.stack !== undefined || request.stackBaseUrl !== undefined) return;
  if (request.requiresStack) out.reportUsage('SP2018', '--requires-stack, and the manifest has no stack');
  const level = levels.findLast((one) => one.requiresStack !== undefined);
  if (level?.requiresStack && level.pointer !== undefined) {
    const summary = `profile ${level.name} needs a stack and the manifest has none`;
    out.report('SP2018', `${level.pointer}/requiresStack`, summary);
  }
}

function unique(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter((one) => {
    const key = JSON.stringify([one.code, one.pointer, one.summary]);
    return seen.has(key) ? false : seen.add(key);
  });
}
