import type { PolicyFile } from '../../compiler/manifest.gen.ts';
import type { Model } from '../../compiler/model/model.ts';
import type { LoadedManifest } from '../../compiler/read/load.ts';
import { readWorkspaceFacts } from '../../compiler/read/read.ts';
import { type ResolvableManifest, type ResolveRequest, resolve } from '../../compiler/resolve/resolve.ts';
import { diagnostic, isError } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { readPolicyFile } from '../policy-inputs/read-policy-file.ts';
import type { ReadPolicyFile } from '../policy-inputs/read-policy-inputs.ts';
import { workspaceFiles } from '../policy-inputs/workspace-files.ts';
import { applyTrust, type TrustedManifest } from '../trust/apply-trust.ts';
import { type TrustedBase, trustedFile } from '../trust/read-base.ts';
import type { CompileRequest } from './compile-request.ts';
import { defined } from './defined.ts';

/** A model, and whose policy it has. */
export interface ResolvedManifest {
  readonly model: Model;
  readonly trust: TrustedManifest;
  /** Files that the policy names, of the workspace or of the trusted ref. */
  readonly policyFiles: ReadPolicyFile;
}

/** What a manifest means under a request: its own policy, or under `--trusted` that of the ref. */
export async function resolveManifest(
  loaded: LoadedManifest,
  request: CompileRequest,
): Promise<Outcome<ResolvedManifest>> {
  const facts = readWorkspaceFacts(loaded.workspace);
  const read = workspaceFiles(loaded.workspace);
  const asked = { ref: request.trusted, pullRequest: request.pullRequest };
  const trust = await applyTrust(loaded, asked, { facts, read });
  if (!trust.ok) return trust;
  const { base } = trust.value;
  const override = await policyOverride(request, base);
  if (!override.ok) return override;
  const composed = [trust.value.loaded, base?.loaded].some(
    (one) => one?.manifest.stack?.compose !== undefined,
  );
  const compose = composed ? await import('../../compiler/stack/from-compose.ts') : undefined;
  const common = defined({
    fromCompose: compose?.fromCompose,
    profile: request.profile,
    runtime: request.runtime,
    enforceSla: request.enforceSla,
    policyOverride: override.value,
  });
  const model = resolve(trust.value.loaded, {
    catalogue,
    facts,
    ...common,
    ...defined({
      only: request.only,
      skip: request.skip,
      requiresStack: request.requiresStack,
      stackBaseUrl: request.stackBaseUrl,
    }),
    // The trusted model's counts; a file of the change must not be asked for meanwhile.
    ...(base === undefined ? {} : { policyOverride: {} }),
  });
  if (!model.ok) return model;
  if (base === undefined) {
    const diagnostics = [...trust.diagnostics, ...model.diagnostics];
    return success({ model: model.value, trust: trust.value, policyFiles: read }, diagnostics);
  }
  const trusted = resolveBase(base, { catalogue, facts: base.facts, ...common });
  if (!trusted.ok) return trusted;
  return success(
    {
      model: { ...model.value, policy: trusted.value.policy },
      trust: trust.value,
      policyFiles: base.policyFiles,
    },
    [...trust.diagnostics, ...model.diagnostics],
  );
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
  return failed([
    diagnostic('SP2066', said, { help: 'Merge it first, or keep it outside of the repository.' }),
  ]);
}

function resolveBase({ loaded, commit }: TrustedBase, request: ResolveRequest): Outcome<Model> {
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
