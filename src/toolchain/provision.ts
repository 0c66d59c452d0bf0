import { join } from 'node:path';
import { digestOf, digestOfJson } from '../core/canonical.ts';
import type { ReadyTool, ToolProvisioner } from '../executor/ports.ts';
import { pinnedImage } from '../lock/base-image.ts';
import { isForMachine } from '../lock/release-files.ts';
import type { PlannedProvider, ToolStage } from '../planner/ir/ir.ts';
import { mayStart } from '../planner/ir/may-start.ts';
import { isOwnScript } from '../stages/contract/own-script.ts';
import { usableOn } from '../stages/contract/usable-on.ts';
import { elapsed, ensureInstalled, type InstallOptions, lockHint } from './ensure-installed.ts';
import { firstAvailable } from './first-available.ts';
import { machineKey } from './installers/release.ts';
import { findPathTool } from './programs/path-tool.ts';
import {
  type Attempt,
  insteadOf,
  type Problem,
  problemDiagnostic,
  problemFailure,
  refuse,
  refusedVersion,
} from './shared/problem.ts';
import type { StoreRef } from './shared/store.ts';
import { type DeclaredTools, withWaysOut } from './ways-out.ts';

export interface ProvisionerOptions extends InstallOptions, DeclaredTools {
  /** What the lock does not pin is SP4002. */
  readonly locked: boolean;
  /** Absent: this machine. */
  readonly place?: ToolPlace;
}

/** Makes tools ready: from the store, else installed into it once, however many stages ask for them at a time. */
export function createProvisioner(options: ProvisionerOptions): ToolProvisioner {
  const pending = new Map<string, Promise<Attempt<{ tool: ReadyTool }>>>();
  return {
    async provision(stage: ToolStage) {
      const choices = usableProviders(stage, options.place);
      if (choices.length === 0) return { ok: false, failure: problemFailure(noProvider(stage, options)) };
      const key = digestOfJson([
        stage.definition,
        ...choices.map((one) => [one.provider, one.version, one.digest]),
      ]);
      const attempt = pending.get(key) ?? makeReady(stage.definition, choices, options);
      pending.set(key, attempt);
      const outcome = await attempt;
      if (!outcome.ok) return { ok: false, failure: problemFailure(outcome.problem) };
      const { name } = outcome.tool.provider.provider;
      // One tool for many stages, and each stage's own steps: those that asked first are not those of the others.
      const own = choices.find(({ provider }) => provider.name === name);
      return { ok: true, tool: own === undefined ? outcome.tool : { ...outcome.tool, provider: own } };
    },
  };
}

function noProvider(
  { tool, definition }: ToolStage,
  { place: { runtime } = HERE, entryOf, lock }: ProvisionerOptions,
): Problem {
  const problem: Problem = {
    code: 'SP4002',
    detail: `${tool} has no ${runtime} provider that tools.lock.json pins, and a program on PATH is not allowed`,
  };
  return withWaysOut(problem, definition, entryOf?.(definition), { lock });
}

/** Where tools are to run. */
export interface ToolPlace {
  readonly runtime: 'local' | 'dagger';
  /** Whether what this machine installs can run there: containers take nothing that is not Linux's. */
  readonly packages: boolean;
}

const HERE: ToolPlace = { runtime: 'local', packages: true };

/** The first of `usableProviders`: what is used unless another is installed already, or this one is unavailable. */
export function pickProvider(
  stage: Pick<ToolStage, 'providers'>,
  place?: ToolPlace,
): PlannedProvider | undefined {
  return usableProviders(stage, place)[0];
}

/**
 * What the plan lists with a pin, or as a program on PATH, and that can run at a place, in its order. An image that the
 * manifest names by tag can, too; a release can where it has a file for this machine.
 */
export function usableProviders(
  { providers }: Pick<ToolStage, 'providers'>,
  { runtime, packages }: ToolPlace = HERE,
): readonly PlannedProvider[] {
  const usable = providers.filter(
    ({ provider, platforms }) =>
      usableOn(provider, runtime) &&
      (packages || provider.runtime === 'dagger') &&
      isForMachine(platforms, machineKey()),
  );
  const first = usable[0];
  // Only one that the manifest names stands before pinned ones without being pinned itself: no other is to stand in.
  if (first !== undefined && !mayStart(first) && usable.some(({ digest }) => digest !== null)) return [];
  return usable.filter(mayStart);
}

async function makeReady(
  tool: string,
  choices: readonly PlannedProvider[],
  options: ProvisionerOptions,
): Promise<Attempt<{ tool: ReadyTool }>> {
  const known = choices.map((planned) => ({
    ...{ name: planned.provider.name, planned },
    ...refOf(tool, planned),
  }));
  const found = await firstAvailable(known, options.store, ({ planned }) => readied(tool, planned, options));
  const at = elapsed(options);
  if (!found.ok) {
    const problem = withWaysOut(found.problem, tool, options.entryOf?.(tool), {
      lock: options.lock,
      tried: known.map(({ name }) => name),
    });
    options.onEvent?.({ type: 'diagnostic', at, diagnostic: problemDiagnostic(tool, problem) });
    return { ok: false, problem };
  }
  for (const { name, problem } of found.passedOver) {
    const diagnostic = insteadOf(tool, { name, problem }, found.choice.name);
    options.onEvent?.({ type: 'diagnostic', at, diagnostic });
  }
  return { ok: true, tool: found.result.tool };
}

/** What a pinned package is in the store. */
function refOf(tool: string, { provider, version, digest }: PlannedProvider): { ref?: StoreRef } {
  if (provider.kind === 'path' || provider.kind === 'image' || digest === null || version === null) return {};
  return { ref: { tool, provider: provider.name, version, digest } };
}

async function readied(
  tool: string,
  planned: PlannedProvider,
  options: ProvisionerOptions,
): Promise<Attempt<{ tool: ReadyTool }>> {
  const refused = refusedVersion(tool, planned.provider, planned.version);
  if (refused !== undefined) return refused;
  const ready = await fromWhere(tool, planned, options);
  // A program on PATH says only when it is asked which version it is.
  return (ready.ok ? refusedVersion(tool, planned.provider, ready.tool.version) : undefined) ?? ready;
}

function fromWhere(
  tool: string,
  planned: PlannedProvider,
  options: ProvisionerOptions,
): Promise<Attempt<{ tool: ReadyTool }>> {
  switch (planned.provider.kind) {
    case 'path':
      return fromPath(tool, planned, options);
    case 'image':
      return Promise.resolve(fromImage(tool, planned, options));
    default:
      return fromStore(tool, planned, options);
  }
}

/** Nothing is fetched here: the engine does that, by digest where there is one. */
function fromImage(
  tool: string,
  planned: PlannedProvider,
  { lock, locked: strict, entryOf }: ProvisionerOptions,
): Attempt<{ tool: ReadyTool }> {
  const { provider, version, digest: pinned } = planned;
  const locked = lock.tools[tool]?.[provider.name];
  const agreed = locked !== undefined && locked.digest === pinned;
  // A user's own image is pinned by the manifest, which is where the plan has it from.
  const byManifest = pinned !== null && entryOf?.(tool)?.userDefined === true;
  if (strict && !agreed && !byManifest) {
    return refuse('SP4002', `tools.lock.json does not pin ${tool} from ${provider.name}`, lockHint(tool));
  }
  const own = pinned === null ? `${provider.package}:${version}` : `${provider.package}@${pinned}`;
  const image = agreed ? pinnedImage(locked) : own;
  return {
    ok: true,
    tool: {
      provider: planned,
      executable: provider.bin,
      mounts: [],
      env: {},
      digest: pinned ?? digestOf(image),
      version,
      pinned: pinned !== null,
      image,
    },
  };
}

async function fromPath(
  tool: string,
  planned: PlannedProvider,
  options: ProvisionerOptions,
): Promise<Attempt<{ tool: ReadyTool }>> {
  if (options.locked && !isOwnScript(planned.provider)) {
    return refuse(
      'SP4002',
      `${tool} comes from PATH, which tools.lock.json cannot pin`,
      'Run without --locked.',
    );
  }
  const found = await findPathTool(planned.provider.bin, options.env ?? process.env, options.workspace);
  if (!found.ok) return found;
  return { ok: true, tool: { provider: planned, ...found.tool, env: {}, pinned: false } };
}

async function fromStore(
  tool: string,
  planned: PlannedProvider,
  options: ProvisionerOptions,
): Promise<Attempt<{ tool: ReadyTool }>> {
  const locked = options.lock.tools[tool]?.[planned.provider.name];
  if (!locked) {
    return refuse(
      'SP4002',
      `tools.lock.json does not pin ${tool} from ${planned.provider.name}`,
      lockHint(tool),
    );
  }
  if (locked.digest !== planned.digest) {
    return refuse(
      'SP4002',
      `the plan was compiled for ${tool} ${planned.version}, tools.lock.json pins ${locked.version}`,
      'Compile the plan again, or restore the lock file it was compiled with.',
    );
  }
  const installed = await ensureInstalled(tool, planned.provider, locked, options);
  if (!installed.ok) return installed;
  const { dir, ready } = installed.entry;
  // Where the interpreter lies is the machine's business; its version is what results depend on.
  const { interpreter: _, ...host } = ready.host;
  return {
    ok: true,
    tool: {
      provider: planned,
      executable: join(dir, ready.executable),
      mounts: [dir, ...ready.mounts],
      env: ready.env,
      digest: locked.digest,
      version: locked.version,
      pinned: true,
      host,
    },
  };
}
