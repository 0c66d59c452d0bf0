import { mkdir, rm } from 'node:fs/promises';
import { type Diagnostic, diagnostic, isError } from '../../core/diagnostic.ts';
import type { Outcome } from '../../core/outcome.ts';
import { failed, success } from '../../core/outcome.ts';
import { createPublishRedactor } from '../../core/redaction/redactor.ts';
import { isBundleId } from '../../evidence/bundle/bundle-id.ts';
import { workFolder } from '../../executor/engine/journal.ts';
import { type RunResult, runPlan } from '../../executor/engine/run-plan.ts';
import type { RunEvent } from '../../executor/events.ts';
import { type StartedListing, startListing } from '../../executor/inventory/list-files.ts';
import { systemClock } from '../../io/clock.ts';
import { budgetCounts, holdBudgets } from '../../policy/budgets.ts';
import { utcDay } from '../../policy/day.ts';
import { mergeFindings } from '../../policy/merge-findings.ts';
import { sortFindings } from '../../policy/sort-findings.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { createProvisioner } from '../../toolchain/provision.ts';
import { openStore, toolsDir } from '../../toolchain/shared/store.ts';
import type { ScanOptions } from '../contract/scan-option-types.ts';
import { scanOptions } from '../contract/scan-options.ts';
import type { ScanOutcome, ScanRequest } from '../contract/scan-types.ts';
import { expiringSoon } from '../gate/expiring-soon.ts';
import { readGateFacts } from '../gate/read-gate-facts.ts';
import { packageRoot } from '../package/package-root.ts';
import { receiverStages, requiredSecretNames, secretNames, signStage } from '../plan-facts/plan-facts.ts';
import { toolStages } from '../plan-facts/tool-stages.ts';
import { type PreparedScan, prepareScan } from '../prepare/prepare-scan.ts';
import { shareCache } from '../remote-cache/share-cache.ts';
import { imagePins } from '../runtime/image-pins.ts';
import { openRuntime } from '../runtime/open-runtime.ts';
import { placeOf } from '../runtime/place-of.ts';
import { checkSecretValues } from '../secrets/check-secret-values.ts';
import { documentWords } from '../secrets/document-words.ts';
import { resolveSecrets } from '../secrets/resolve-secrets.ts';
import { pullRequestOf } from '../trust/pull-request.ts';
import { openWorkspace } from '../workspace/open-workspace.ts';
import { carriedDatabases } from './carried-databases.ts';
import { finishScan } from './finish-scan.ts';
import { openStack, type ServiceLogs } from './open-stack.ts';
import { limitsOf, type Run, type Scene } from './scene.ts';
import { startJournal } from './start-journal.ts';
import { storageDiagnostic } from './storage-diagnostic.ts';

/** Codes that mean the machine and not the request: exit 3 instead of 2. */
const INFRASTRUCTURE: ReadonlySet<string> = new Set(['SP5001', 'SP5002', 'SP5003', 'SP5007']);

/**
 * Compiles, runs, gates and leaves a bundle. What the command line, the service and the adapters all call.
 * Nothing external is started before the manifest is validated and the policy resolved.
 * @throws ZodError on options that the schema refuses; anything else that is thrown is a bug
 */
export async function runScan(request: ScanRequest): Promise<ScanOutcome> {
  const options = scanOptions.parse(request.options);
  // Git needs about as long as planning does, and another core.
  let listing: StartedListing | undefined;
  const begin = (workspace: string): void => {
    listing = startListing(workspace);
  };
  const prepared = await prepareScan(request.cwd, options, begin, pullRequestOf(request.env));
  if (!prepared.ok) return stopped(prepared.diagnostics);
  const diagnostics: Diagnostic[] = [...prepared.diagnostics];
  const events: RunEvent[] = [];
  const onEvent = (event: RunEvent): void => {
    events.push(event);
    if (event.type === 'diagnostic') diagnostics.push(event.diagnostic);
    request.onEvent(event);
  };
  for (const item of prepared.diagnostics) request.onEvent({ type: 'diagnostic', at: 0, diagnostic: item });
  const scene = await setScene(request, options, prepared.value, listing);
  if (!scene.ok) return stopped([...diagnostics, ...scene.diagnostics]);
  for (const item of scene.diagnostics) onEvent({ type: 'diagnostic', at: 0, diagnostic: item });
  const { journal } = scene.value;
  try {
    return await runIn(scene.value, {
      request,
      options,
      prepared: prepared.value,
      events,
      onEvent,
      diagnostics,
    });
  } catch (error) {
    const full = storageDiagnostic(error);
    if (full === undefined) throw error;
    return stopped([...diagnostics, full]);
  } finally {
    await rm(workFolder(journal.dir), { recursive: true, force: true }).catch(() => undefined);
    journal.close();
  }
}

/** Everything a run stands on: secrets, caches, inventory, journal. Nothing external is started but git. */
async function setScene(
  request: ScanRequest,
  options: ScanOptions,
  prepared: PreparedScan,
  listing: StartedListing | undefined,
): Promise<Outcome<Scene>> {
  const { env, cwd } = request;
  const { plan, workspace } = prepared;
  if (prepared.runtime === 'managed') {
    return failed([
      diagnostic('SP2020', `runtime ${prepared.runtime} is not implemented in this version of secplan`, {
        help: 'Use --runtime local or --runtime dagger.',
      }),
    ]);
  }
  if (options.bundleId !== undefined && !isBundleId(options.bundleId)) {
    return failed([
      diagnostic('SP9001', `not a bundle id: ${options.bundleId}`, {
        help: 'Letters, digits, `.`, `_` and `-`.',
      }),
    ]);
  }
  const images = imagePins({ ...prepared, catalogue }, options, env, placeOf(prepared.runtime));
  if (images.some(isError)) return failed(images);
  const secrets = resolveSecrets(
    requiredSecretNames(plan),
    prepared.secretSources,
    workspace,
    env,
    secretNames(plan),
  );
  if (!secrets.ok) return secrets;
  const words = (): string => documentWords(packageRoot());
  const spoiling = checkSecretValues(secrets.value, { ...prepared, words });
  if (spoiling.length > 0) return failed(spoiling);
  const databases = carriedDatabases(cwd, options.databases);
  if (!databases.ok) return databases;
  const gateFacts = await readGateFacts(options, prepared);
  if (!gateFacts.ok) return gateFacts;
  const redactor = createPublishRedactor(Object.values(secrets.value));
  const sign = signStage(plan);
  const { offline } = options;
  const signing = { secrets: secrets.value, env, workspace, redactor, offline };
  // What signs is loaded by a run that is signed.
  const signer = sign && (await import('../../evidence/sign/open-signer.ts')).openSigner(sign, signing);
  if (signer?.ok === false) return signer;
  const underReview = options.trusted === undefined && pullRequestOf(env) !== undefined;
  const asking = { secrets: secrets.value, offline, underReview, signal: request.signal };
  // As is what asks a shared cache, HTTP among it.
  const remoteCache =
    plan.remoteCache === undefined
      ? success(null)
      : (await import('../remote-cache/open-remote-cache.ts')).openRemoteCache(plan, asking);
  if (!remoteCache.ok) return remoteCache;
  const startedAt = request.now();
  const open = await openWorkspace(prepared, { cwd, env, exportDir: options.exportDir, listing });
  if (!open.ok) return open;
  const { exportDir, caches, inventory } = open.value;
  const journal = startJournal(exportDir, options, prepared, startedAt, inventory.git?.sha ?? null);
  if (!journal.ok) return journal;
  return success(
    {
      exportDir,
      databases: databases.value,
      secrets: secrets.value,
      caches,
      remoteCache: remoteCache.value,
      inventory,
      journal: journal.value,
      gateFacts: gateFacts.value,
      redactor,
      signer: signer?.value ?? null,
      startedAt,
    },
    [...images, ...remoteCache.diagnostics, ...open.diagnostics, ...expiringSoon(plan.policy, startedAt)],
  );
}

async function runIn(scene: Scene, run: Run): Promise<ScanOutcome> {
  const { request, options, prepared, onEvent } = run;
  const { plan } = prepared;
  const runStart = systemClock.now();
  const elapsed = (): number => systemClock.now() - runStart;
  const { redactor } = scene;
  const workDir = workFolder(scene.journal.dir);
  await rm(workDir, { recursive: true, force: true });
  await mkdir(workDir, { recursive: true });
  const { runtime, place, sandboxed, platform } = await openRuntime({
    prepared,
    options,
    env: request.env,
    tempDir: workDir,
    onDiagnostic: (item) => onEvent({ type: 'diagnostic', at: elapsed(), diagnostic: item }),
  });
  onEvent({
    type: 'run-started',
    at: 0,
    profile: plan.profile,
    planDigest: plan.planDigest,
    stages: toolStages(plan).map((stage) => stage.id),
  });
  const provisioner = createProvisioner({
    store: openStore(toolsDir(request.env)),
    lock: prepared.lock,
    offline: options.offline,
    locked: options.locked,
    place,
    isUserDefined: (definition) => catalogue.get(definition)?.userDefined === true,
    workspace: prepared.workspace,
    onEvent,
    env: request.env,
    signal: request.signal,
    elapsed,
  });
  const stack = openStack(scene, run, runtime, workDir, elapsed);
  const shared = await shareCache(scene, (item) =>
    onEvent({ type: 'diagnostic', at: elapsed(), diagnostic: item }),
  );
  let result: RunResult;
  let serviceLogs: ServiceLogs = new Map();
  try {
    result = await runPlan(plan, {
      ...(stack === undefined ? {} : { stack }),
      runtime,
      sandboxed,
      provisioner,
      inventory: scene.inventory,
      caches: shared.caches,
      catalogue,
      clock: systemClock,
      signal: request.signal,
      workDir,
      packageRoot: packageRoot(),
      platform,
      day: utcDay(scene.startedAt),
      secrets: scene.secrets,
      databases: scene.databases,
      publishRedactor: redactor,
      limits: limitsOf(runtime.name),
      onEvent,
      journal: scene.journal,
      runStart,
      ...(options.failFast ? { stopWhen: budgetExceeded(plan, scene) } : {}),
    });
    if (!result.interrupted) await shared.flush();
  } finally {
    shared.close();
    serviceLogs = (await stack?.close()) ?? serviceLogs;
    await runtime.close();
    await scene.inventory.flush();
    await scene.caches.durations.flush();
  }
  if (result.interrupted) return { exitCode: 130, diagnostics: run.diagnostics };
  const outcome = await finishScan(scene, run, result, serviceLogs);
  const stages = receiverStages(plan);
  const { scan } = outcome;
  if (scan === undefined || stages.length === 0) return outcome;
  // HTTP is loaded by a run that sends something, and by no other.
  const { handOn } = await import('./hand-on.ts');
  return handOn(scene, run, { ...outcome, scan }, stages);
}

/** For `--fail-fast`: merging can only lower counts of what is there, so only merged counts decide. */
function budgetExceeded({ policy }: PreparedScan['plan'], { startedAt, gateFacts }: Scene) {
  return (results: RunResult['results']): string | undefined => {
    const findings = mergeFindings(
      results.flatMap((result) => (result.state === 'done' ? result.findings : [])),
    );
    const sorted = sortFindings(policy, gateFacts(findings), findings, startedAt);
    const line = holdBudgets(policy.budgets, budgetCounts(sorted)).find((item) => item.exceeded);
    return line === undefined
      ? undefined
      : `stopped by --fail-fast: ${line.count} ${line.severity} of ${line.limit}`;
  };
}

function stopped(diagnostics: readonly Diagnostic[]): ScanOutcome {
  const errors = diagnostics.filter((item) => item.level === 'error');
  const infrastructure = errors.length > 0 && errors.every((item) => INFRASTRUCTURE.has(item.code));
  return { exitCode: infrastructure ? 3 : 2, diagnostics };
}
