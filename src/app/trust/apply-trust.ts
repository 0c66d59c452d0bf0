import type { LoadedManifest } from '../../compiler/read/load.ts';
import type { WorkspaceFacts } from '../../compiler/source/workspace-facts.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { blobId } from '../../io/git-blob-id.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { findCommit } from '../git/git-ref.ts';
import { toolStages } from '../plan-facts/tool-stages.ts';
import type { ReadPolicyFile } from '../policy-inputs/read-policy-inputs.ts';
import { composeManifest } from './compose-manifest.ts';
import { commandsOf } from './deciding-facts.ts';
import { type Grant, grantsBeyond, grantsOf } from './grants.ts';
import { ownPolicy } from './own-policy.ts';
import { type Command, openPrograms } from './program-files.ts';
import type { PullRequest } from './pull-request.ts';
import { readBase, type TrustedBase } from './read-base.ts';

export interface TrustRequest {
  /** `--trusted REF`. */
  readonly ref: string | undefined;
  /** Of a run that CI does for a change under review. */
  readonly pullRequest: PullRequest | undefined;
}

export interface TrustedManifest {
  /** With everything that the ref decides taken from it. */
  readonly loaded: LoadedManifest;
  /** Whose policy gates; undefined where the workspace's own does. */
  readonly base: TrustedBase | undefined;
  /** Scripts and locks of granted tools must match this base. */
  readonly heldTo: TrustedBase | undefined;
}

interface Workspace {
  readonly facts: WorkspaceFacts;
  readonly read: ReadPolicyFile;
}

const HELP = 'Name a branch, tag or commit of the base; in CI fetch it first.';

/**
 * Under `--trusted` the manifest as the ref lets it be. Without, in a pull request, the manifest itself, as long as it
 * grants nothing that the base does not grant in just the same way. SP2064, SP2065, SP2066.
 */
export async function applyTrust(
  loaded: LoadedManifest,
  { ref, pullRequest }: TrustRequest,
  workspace: Workspace,
): Promise<Outcome<TrustedManifest>> {
  if (ref !== undefined) return trusting(loaded, ref, workspace);
  const untouched = { loaded, base: undefined, heldTo: undefined };
  if (pullRequest === undefined) return success(untouched);
  const asks = grantsOf(loaded.manifest).length > 0;
  for (const candidate of pullRequest.base) {
    const commit = await findCommit(loaded.workspace, candidate, refusal('base'));
    if (!commit.ok) continue;
    const base = await readBase(commit.value, loaded.manifestPath, workspace);
    if (!base.ok) {
      if (asks) return base;
      continue;
    }
    const { manifest } = base.value.loaded;
    const own = ownPolicy(loaded.manifest, { ref: candidate, manifest }, pullRequest);
    if (!asks) return success(untouched, own);
    const beyond = grantsBeyond(loaded.manifest, manifest);
    if (beyond.length > 0) return failed(refused(loaded, beyond, `${candidate} does not grant this`));
    return success({ ...untouched, heldTo: base.value }, own);
  }
  if (!asks) return success(untouched, ownPolicy(loaded.manifest, null, pullRequest));
  const why = `this is a pull request of ${pullRequest.system}, and its base commit is not available for comparison`;
  return failed(refused(loaded, grantsOf(loaded.manifest), why));
}

async function trusting(
  loaded: LoadedManifest,
  ref: string,
  workspace: Workspace,
): Promise<Outcome<TrustedManifest>> {
  const commit = await findCommit(loaded.workspace, ref, refusal('--trusted'));
  if (!commit.ok) return commit;
  const base = await readBase(commit.value, loaded.manifestPath, workspace);
  if (!base.ok) return base;
  const { manifest, overruled } = composeManifest(loaded.manifest, base.value.loaded.manifest);
  const beyond = grantsBeyond(manifest, base.value.loaded.manifest);
  if (beyond.length > 0) return failed(refused(loaded, beyond, `${ref} does not grant this`));
  const none = base.value.hasManifest
    ? []
    : [diagnostic('SP2065', `${ref} has no manifest: the built-in policy gates, and nothing is granted`)];
  const told = overruled.map((pointer) => {
    const place = loaded.keyPlace(pointer);
    const summary = `${pointer.slice(1).replaceAll('/', '.')} is taken from ${ref}`;
    return diagnostic('SP2065', summary, { pointer, ...(place === undefined ? {} : { place }) });
  });
  return success({ loaded: { ...loaded, manifest }, base: base.value, heldTo: base.value }, [
    ...none,
    ...told,
  ]);
}

/**
 * What a plan starts and a manifest cannot show: the programs of custom tools, everything that these may source or import, and
 * what services with a secret are made of must be the ref's (SP2064). All custom tools under `--trusted`, only granted ones without.
 */
export function checkPrograms(
  plan: Plan,
  { loaded, base, heldTo }: TrustedManifest,
  read: ReadPolicyFile,
): readonly Diagnostic[] {
  if (heldTo === undefined) return [];
  const isTheirs = (path: string): boolean => {
    const [id, content] = [heldTo.tree.get(path), read(path)];
    if (id === undefined || content === undefined) return id === undefined && content === undefined;
    return blobId(content, id) === id;
  };
  const planned = new Set<string>(toolStages(plan).map(({ tool }) => tool));
  const serves = plan.stages.some((stage) => stage.kind === 'service' && stage.secrets.length > 0);
  const programsOf = openPrograms(loaded.workspace);
  return commandsOf(loaded.manifest).flatMap((command) => {
    const { pointer, name, granted } = command;
    const isCustom = pointer.startsWith('/tools/');
    if (isCustom ? !planned.has(name) || (base === undefined && !granted) : !serves) return [];
    const files = programsOf(command);
    if (files === undefined) return [uncheckable(loaded, command)];
    return [...files.keys()]
      .filter((path) => !isTheirs(path))
      .map((path) => differs(loaded, pointer, path, heldTo.commit.ref));
  });
}

function differs(loaded: LoadedManifest, pointer: string, path: string, ref: string): Diagnostic {
  const place = loaded.keyPlace(pointer);
  return diagnostic('SP2064', `${path} differs from ${ref}: secplan does not start it`, {
    pointer,
    help: 'Merge the change of the program first, or leave the tool out with --skip.',
    ...(place === undefined ? {} : { place }),
  });
}

function uncheckable(loaded: LoadedManifest, { name, pointer }: Command): Diagnostic {
  const place = loaded.keyPlace(pointer);
  return diagnostic('SP2064', `the program of ${name} lies beside more files than secplan can compare`, {
    pointer,
    help: 'Keep its scripts in a separate folder.',
    ...(place === undefined ? {} : { place }),
  });
}

function refused(loaded: LoadedManifest, grants: readonly Grant[], why: string): Diagnostic[] {
  return grants.map(({ pointer, what }) => {
    const place = loaded.keyPlace(pointer) ?? loaded.place(pointer);
    return diagnostic('SP2064', `${what}: ${why}`, {
      pointer,
      help: 'Merge it into the base first, or run with --trusted REF, which takes these settings from that ref.',
      ...(place === undefined ? {} : { place }),
    });
  });
}

function refusal(option: string): { code: 'SP2066'; option: string; help: string } {
  return { code: 'SP2066', option, help: HELP };
}
