import { byCodeUnit } from '../../core/canonical.ts';
import { type Diagnostic, isError } from '../../core/diagnostic.ts';
import { failedWith, type PartialOutcome, success } from '../../core/outcome.ts';
import type { Catalogue } from '../../stages/contract/catalogue.ts';
import type { Manifest, PolicyFile } from '../manifest.gen.ts';
import type { ModelDelivery, ModelNotification } from '../model/delivery-model.ts';
import type { Model, ModelStack, ModelTarget } from '../model/model.ts';
import type { PlanRequest } from '../model/plan-request.ts';
import type { RemoteCacheSpec } from '../model/remote-cache-model.ts';
import type { ResolvableManifest } from '../model/resolvable-manifest.ts';
import type { CheckContext } from '../names/check-context.ts';
import { CUSTOM_TOOLS } from '../names/custom-tools.ts';
import { type KnownNames, knownNames } from '../names/known-names.ts';
import { isWithin } from '../source/pointer.ts';
import { type Reporter, reporter } from '../source/reporter.ts';
import { sortDiagnostics } from '../source/sort-diagnostics.ts';
import { parseSize } from '../source/units.ts';
import type { WorkspaceFacts } from '../source/workspace-facts.ts';
import { checkTargetServices, PLACEHOLDER_TARGET, placeholderStack } from '../stack/bind-targets.ts';
import { buildStack } from '../stack/build-stack.ts';
import type { fromCompose } from '../stack/from-compose.ts';
import { buildTargets, byKindAndName } from './build-targets.ts';
import { buildTool } from './build-tools.ts';
import { checkAddresses } from './check-addresses.ts';
import { checkPolicy, coverageLanguages, plannedWaivers } from './check-policy.ts';
import { checkPolicyFiles, type PolicyFiles } from './check-policy-files.ts';
import { checkSecrets } from './check-secrets.ts';
import { checkProfiles, checkTools } from './check-tools.ts';
import { chooseTools, type ToolChoice } from './choose-tools.ts';
import { deliveriesOf, notificationsOf } from './delivery-of.ts';
import { effectiveBudgets } from './effective-budgets.ts';
import { checkEvidence, evidenceOf } from './evidence-of.ts';
import { laterErrors } from './later-errors.ts';
import { type ProfileLevel, profileChain } from './profile-chain.ts';
import { remoteCacheOf } from './remote-cache-of.ts';
import { checkSupported } from './unsupported.ts';

/** What is asked of the manifest, with what resolving needs besides. */
export interface ResolveRequest extends PlanRequest {
  readonly catalogue: Catalogue;
  readonly facts: WorkspaceFacts;
  /** `--policy FILE`, validated: its budgets, and its licence lists where it has some. */
  readonly policyOverride?: PolicyFile | undefined;
  /** Needed by a manifest whose stack names a Compose file. */
  readonly fromCompose?: typeof fromCompose | undefined;
}

/**
 * What a validated manifest means under a profile. Pure but for `facts`; every error is reported at once. A failure holds the
 * model without the tools and targets that have an error.
 */
export function resolve(loaded: ResolvableManifest, request: ResolveRequest): PartialOutcome<Model> {
  const { manifest, repaired } = loaded;
  const out = reporter(loaded);
  const context = { names: knownNames(manifest, request.catalogue), facts: request.facts, out };
  const parts = checkedParts(manifest, request, context);
  const model = modelOf(manifest, request, parts, context.names);
  const found = laterErrors(unique(out.found), repaired);
  const diagnostics = sortDiagnostics([...found, ...parts.composeDiagnostics]);
  if (repaired === undefined && !diagnostics.some(isError)) return success(model, diagnostics);
  const faults = out.found.filter(isError).flatMap(({ pointer }) => pointer ?? []);
  const lost = (repaired?.lost ?? []).filter((pointer) => isWithin(pointer, '/tools'));
  return failedWith(diagnostics, withoutFaults(model, [...faults, ...lost]));
}

/** Everything that is worked out of a manifest while it is checked. */
interface CheckedParts {
  readonly levels: readonly ProfileLevel[];
  readonly choice: ToolChoice;
  readonly targets: readonly ModelTarget[];
  readonly stack: ModelStack | undefined;
  readonly composeDiagnostics: readonly Diagnostic[];
  readonly files: PolicyFiles;
  readonly deliveries: readonly ModelDelivery[];
  readonly notifications: readonly ModelNotification[];
  readonly maxSizeBytes: number | undefined;
  readonly remote: RemoteCacheSpec | undefined;
}

function checkedParts(manifest: Manifest, request: ResolveRequest, context: CheckContext): CheckedParts {
  const { names, facts, out } = context;
  const { profile = 'light', catalogue, stackBaseUrl, only = [] } = request;
  const levels = profileChain(manifest, profile, names.profiles, out);
  for (const name of Object.keys(manifest.profiles ?? {})) {
    if (name !== profile) profileChain(manifest, name, names.profiles, out);
  }
  checkTools(context);
  checkAddresses(manifest, out);
  checkProfiles(manifest.profiles ?? {}, context);
  const targets = buildTargets(manifest.targets ?? {}, context);
  const built = buildStack(manifest.stack, stackBaseUrl, context, request.fromCompose);
  checkTargetServices(targets, manifest.stack, built?.stack, out);
  checkPolicy(manifest, targets, context);
  checkSecrets(manifest, names, out);
  checkEvidence(manifest, out);
  checkSupported(manifest, catalogue, out);
  checkStack(manifest, request, levels, out);
  return {
    levels,
    choice: chooseTools(levels, { only, skip: skipped(request) }, context),
    targets,
    stack: built?.stack,
    composeDiagnostics: built?.diagnostics ?? [],
    files: checkPolicyFiles(manifest, facts, request.policyOverride, out),
    deliveries: deliveriesOf(manifest.delivery, out),
    notifications: notificationsOf(manifest.notify, out),
    maxSizeBytes: cacheSize(manifest, out),
    remote: remoteCacheOf(manifest, out),
  };
}

function skipped({ skip = [], skipPrivacy, catalogue }: ResolveRequest): readonly string[] {
  if (!skipPrivacy) return skip;
  const privacy = [...catalogue.values()].filter((entry) => entry.category === 'privacy');
  return [...new Set([...skip, ...privacy.map((entry) => entry.id)])];
}

function modelOf(manifest: Manifest, request: ResolveRequest, parts: CheckedParts, names: KnownNames): Model {
  const { levels, choice, targets, deliveries, notifications } = parts;
  const { runtime = {} } = manifest;
  const requiresStack =
    request.requiresStack ||
    (levels.findLast((level) => level.requiresStack !== undefined)?.requiresStack ?? false);
  const stack = parts.stack ?? standIn(requiresStack, targets);
  return {
    name: manifest.metadata.name,
    labels: { ...manifest.metadata.labels },
    profile: request.profile ?? 'light',
    profileChain: [...new Set(levels.map((level) => level.name))],
    requiresStack,
    ...(stack === undefined ? {} : { stack }),
    targets: stack?.from === 'placeholder' ? [...targets, PLACEHOLDER_TARGET].sort(byKindAndName) : targets,
    tools: choice.chosen.map((tool) => buildTool(tool, levels, names)),
    databases: [...names.catalogue.values()]
      .filter((entry) => entry.kind === 'database')
      .map((entry) => entry.id)
      .sort(byCodeUnit)
      .map((id) => buildTool({ id, named: false, pointer: '' }, levels, names)),
    notPlanned: choice.notPlanned,
    policy: policyOf(manifest, request, parts),
    secrets: { ...manifest.secrets },
    runtime: request.runtime ?? runtime.default ?? 'local',
    dagger: {
      ...(runtime.engine === undefined ? {} : { engine: runtime.engine }),
      ...(runtime.registryMirror === undefined ? {} : { registryMirror: runtime.registryMirror }),
    },
    cache: cacheOf(manifest, parts),
    ...(manifest.evidence === undefined ? {} : { evidence: evidenceOf(manifest.evidence) }),
    ...(deliveries.length === 0 ? {} : { deliveries }),
    ...(notifications.length === 0 ? {} : { notifications }),
    sandbox: runtime.local?.sandbox ?? true,
  };
}

function policyOf(
  manifest: Manifest,
  request: ResolveRequest,
  { levels, files }: CheckedParts,
): Model['policy'] {
  const { policy = {} } = manifest;
  return {
    budgets: effectiveBudgets(manifest, levels, request.policyOverride),
    waivers: plannedWaivers(policy.waivers ?? []),
    onIncomplete: policy.onIncomplete ?? 'fail',
    ...files,
    coverageRequire: [...new Set(policy.coverage?.require)].sort(),
    ...coverageLanguages(policy.coverage?.languages),
    ...(policy.coverage?.unexamined === 'warn' ? { unexamined: 'warn' } : {}),
    slaMs: levels.findLast((level) => level.slaMs !== undefined)?.slaMs ?? null,
    enforceSla: request.enforceSla || policy.enforceSla || false,
  };
}

function cacheOf({ cache = {} }: Manifest, { maxSizeBytes, remote }: CheckedParts): Model['cache'] {
  return {
    ...(cache.dir === undefined ? {} : { dir: cache.dir }),
    ...(maxSizeBytes === undefined ? {} : { maxSizeBytes }),
    ...(remote === undefined ? {} : { remote }),
  };
}

/** What planning may be asked about in spite of errors: not the tools and targets that an error is about. */
function withoutFaults(model: Model, faults: readonly string[]): Model {
  const isSound = (pointer: string) => !faults.some((fault) => isWithin(fault, pointer));
  return {
    ...model,
    tools: model.tools.filter(
      ({ id, definition, pointer }) =>
        isSound(`/tools/${definition === CUSTOM_TOOLS ? `${CUSTOM_TOOLS}/` : ''}${id}`) &&
        (pointer === '' || !faults.includes(pointer)),
    ),
    targets: model.targets.filter(({ pointer }) => pointer === '' || isSound(pointer)),
  };
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
  if (request.requiresStack)
    out.reportUsage('SP2018', '--requires-stack needs a stack, but the manifest has none');
  const level = levels.findLast((one) => one.requiresStack !== undefined);
  if (level?.requiresStack && level.pointer !== undefined) {
    const summary = `profile ${level.name} needs a stack, but the manifest has none`;
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
