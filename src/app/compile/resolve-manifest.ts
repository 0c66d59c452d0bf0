import type { PolicyFile } from '../../compiler/manifest.gen.ts';
import type { Model } from '../../compiler/model/model.ts';
import type { ResolvableManifest } from '../../compiler/model/resolvable-manifest.ts';
import type { LoadedManifest } from '../../compiler/read/load.ts';
import { readWorkspaceFacts } from '../../compiler/read/read.ts';
import { type ResolveRequest, resolve } from '../../compiler/resolve/resolve.ts';
import { diagnostic, isError } from '../../core/diagnostic.ts';
import {
  failed,
  failedWith,
  type Outcome,
  type PartialOutcome,
  success,
  valueOrPartial,
} from '../../core/outcome.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { readPolicyFile } from '../policy-inputs/read-policy-file.ts';
import type { ReadPolicyFile } from '../policy-inputs/read-policy-inputs.ts';
import { workspaceFiles } from '../policy-inputs/workspace-files.ts';
import { applyTrust, type TrustedManifest } from '../trust/apply-trust.ts';
import { type TrustedBase, trustedFile } from '../trust/read-base.ts';
import type { CompileRequest } from './compile-request.ts';

/** A model, and whose policy it has. */
export interface ResolvedManifest {
  readonly model: Model;
  readonly trust: TrustedManifest;
  /** Files that the policy names, of the workspace or of the trusted ref. */
  readonly policyFiles: ReadPolicyFile;
}

/**
 * What a manifest means under a request: its own policy, or under `--trusted` that of the ref. A failure holds what further
 * errors may be looked for in.
 */
export async function resolveManifest(
  loaded: LoadedManifest,
  request: CompileRequest,
): Promise<PartialOutcome<ResolvedManifest>> {
  const facts = readWorkspaceFacts(loaded.workspace);
  const read = workspaceFiles(loaded.workspace);
  const asked = { ref: request.trusted, pullRequest: request.pullRequest };
  const trusting = await applyTrust(loaded, asked, { facts, read });
  // What a pull request may not grant itself is one error among others; without the trusted ref nothing is known.
  if (!trusting.ok && request.trusted !== undefined) return trusting;
  const trust = trusting.ok ? trusting.value : { loaded, base: undefined, heldTo: undefined };
  const { base } = trust;
  const override = await policyOverride(request, base);
  const common = await commonRequest(request, trust, override.ok ? override.value : undefined);
  const model = resolve(trust.loaded, {
    ...common,
    facts,
    // The trusted model's counts; a file of the change must not be asked for meanwhile.
    ...(base === undefined ? {} : { policyOverride: {} }),
  });
  const trusted = base === undefined ? undefined : resolveBase(base, common);
  const diagnostics = [...trusting.diagnostics, ...override.diagnostics, ...model.diagnostics];
  if (trusted?.ok === false) diagnostics.push(...trusted.diagnostics);
  const made = valueOrPartial(model);
  if (made === undefined) return failed(diagnostics);
  const policy = trusted?.ok ? trusted.value.policy : made.policy;
  const resolved = { model: { ...made, policy }, trust, policyFiles: base?.policyFiles ?? read };
  return diagnostics.some(isError) || !model.ok
    ? failedWith(diagnostics, resolved)
    : success(resolved, diagnostics);
}

/** What resolving the workspace's manifest and that of a trusted ref have in common. */
async function commonRequest(
  request: CompileRequest,
  { loaded, base }: TrustedManifest,
  policyOverride: PolicyFile | undefined,
): Promise<Omit<ResolveRequest, 'facts'>> {
  const composed = [loaded, base?.loaded].some((one) => one?.manifest.stack?.compose !== undefined);
  const compose = composed ? await import('../../compiler/stack/from-compose.ts') : undefined;
  return { ...request, catalogue, fromCompose: compose?.fromCompose, policyOverride };
}

/** `--policy FILE`: the ref's content of it, where it lies in the repository. */
async function policyOverride(
  { cwd, policy: file }: CompileRequest,
  base: TrustedBase | undefined,
): Promise<Outcome<PolicyFile | undefined>> {
  if (file === undefined) return success(undefined);
  const trusted = base === undefined ? undefined : await trustedFile(base, cwd, file);
  if (trusted === undefined || !trusted.inside) return readPolicyFile(cwd, file);
  if (trusted.content !== undefined) return readPolicyFile(cwd, file, trusted.content.toString('utf8'));
  const said = `--policy ${file}: ${base?.commit.ref} has no such file`;
  return failed([diagnostic('SP2066', said, { help: 'Merge it first, or keep it outside the repository.' })]);
}

const NO_CHOICE = { only: [], skip: [], skipPrivacy: false, requiresStack: false, stackBaseUrl: undefined };

/** The ref's model, for its policy alone: which tools run, and on which stack, is the change's. */
function resolveBase(
  { loaded, commit, facts }: TrustedBase,
  asked: Omit<ResolveRequest, 'facts'>,
): Outcome<Model> {
  const request = { ...asked, facts, ...NO_CHOICE };
  const placeless: ResolvableManifest = { ...loaded, place: () => undefined, keyPlace: () => undefined };
  const model = resolve(placeless, request);
  if (model.ok) return model;
  return failed(
    model.diagnostics.filter(isError).map((item) =>
      diagnostic('SP2066', `at ${commit.ref}: ${item.summary}`, {
        help: 'The ref must have the profile, and a manifest that is valid for it.',
      }),
    ),
  );
}
