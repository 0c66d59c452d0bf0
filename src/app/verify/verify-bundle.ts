import { readFile, realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { overrideLicenses } from '../../compiler/resolve/check-licenses.ts';
import { effectiveBudgets } from '../../compiler/resolve/effective-budgets.ts';
import { canonicalJson } from '../../core/canonical.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { createArtifactValidator } from '../../evidence/golden/validate-artifact.ts';
import { policyDigest } from '../../evidence/statement/policy-digest.ts';
import { readPublicKey, type Trust } from '../../evidence/verify/check-signature.ts';
import { readTrustedRoot } from '../../evidence/verify/trusted-root.ts';
import { verifyFiles } from '../../evidence/verify/verify-files.ts';
import type { SignatureState } from '../../evidence/verify/verify-signatures.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { readPlan } from '../../planner/plan-file/plan-file.ts';
import type { Verdict } from '../../policy/verdict.ts';
import { checkBundle } from '../check/check-bundle.ts';
import { packageRoot } from '../package/package-root.ts';
import { readPolicyFile } from '../policy-inputs/read-policy-file.ts';
import { findBundle } from '../workspace/find-bundle.ts';

export interface VerifyRequest {
  /** Absolute. */
  readonly cwd: string;
  /** Path, id or `latest`. */
  readonly bundle?: string | undefined;
  readonly exportDir?: string | undefined;
  /** Files: the signer's public key, a Sigstore trusted root, the plan and the policy that were to be applied. */
  readonly key?: string | undefined;
  readonly trustedRoot?: string | undefined;
  readonly plan?: string | undefined;
  readonly policy?: string | undefined;
  /** Of a certificate: its subject and its issuer. */
  readonly identity?: string | undefined;
  readonly issuer?: string | undefined;
}

/** What a bundle proves. */
export interface Verification {
  /** Absolute, links resolved. */
  readonly bundle: string;
  /** Nothing was found wrong with it. */
  readonly intact: boolean;
  readonly signature: SignatureState;
  /** It is intact, and a signature says who made it. */
  readonly verified: boolean;
  readonly outcome: Verdict['outcome'] | null;
  readonly checked: readonly string[];
  readonly notChecked: readonly string[];
  readonly failures: readonly Diagnostic[];
}

const MAX_BYTES = 256 * 2 ** 20;

/** Verifies a bundle offline. Fails with SP5088, SP6001, SP6021 or what the policy file has; what does not hold is in the value. */
export async function verifyBundle(request: VerifyRequest): Promise<Outcome<Verification>> {
  const trust = await readTrust(request);
  if (!trust.ok) return trust;
  const wanted = await readWanted(request);
  if (!wanted.ok) return wanted;
  const found = await findBundle(request);
  if (!found.ok) return found;
  let dir: string;
  try {
    dir = await realpath(found.value);
    if (!(await stat(dir)).isDirectory()) throw new Error('no folder');
  } catch {
    return failed([
      diagnostic('SP6001', `no bundle at ${request.bundle ?? 'latest'}`, {
        help: 'Run `secplan run` first, or name a bundle folder.',
      }),
    ]);
  }
  const validator = await createArtifactValidator(packageRoot());
  const files = await verifyFiles(dir, validator, trust.value);
  const { content } = files;
  const failures = [...files.failures];
  const checked = [...files.checked];
  const notChecked = [...files.notChecked];
  if (content === undefined) notChecked.push('the verdict: documents are missing or broken');
  else if (failures.some(({ code }) => code === 'SP6010' || code === 'SP6012'))
    notChecked.push('the verdict: documents are missing or broken');
  else {
    const again = await gateAgain(dir, content);
    if (again.length === 0) checked.push('verdict: recomputed from findings, coverage and policy');
    failures.push(...again, ...wanted.value(content.plan));
    if (request.plan === undefined) notChecked.push('whether this is the intended plan (no --plan)');
    if (request.policy === undefined) notChecked.push('whether this is the intended policy (no --policy)');
    notChecked.push('the time of the run: it comes from the clock of the machine');
  }
  return success({
    bundle: dir,
    intact: failures.length === 0,
    signature: files.signature,
    verified: failures.length === 0 && files.signature === 'verified',
    outcome: content?.verdict.outcome ?? null,
    checked,
    notChecked,
    failures,
  });
}

/** The gate once more, as of the day of the run: SP6018 where it decides otherwise. */
async function gateAgain(
  dir: string,
  { verdict, startedAt }: { readonly verdict: Verdict; readonly startedAt: string },
): Promise<readonly Diagnostic[]> {
  const at = Date.parse(startedAt);
  const checked = await checkBundle({ cwd: dir, bundle: `${dir}/`, at });
  if (!checked.ok) return checked.diagnostics;
  const now = checked.value.verdict;
  // Without the time that it took there is no word on the time budget.
  const late = verdict.sla?.enforced && verdict.sla.exceeded ? { exitCode: verdict.exitCode } : {};
  const same = canonicalJson({ ...now, ...late, sla: null }) === canonicalJson({ ...verdict, sla: null });
  if (same) return [];
  const what = (Object.keys(now) as (keyof Verdict)[]).filter(
    (name) => name !== 'sla' && canonicalJson(now[name] ?? null) !== canonicalJson(verdict[name] ?? null),
  );
  return [diagnostic('SP6018', `verdict.json does not match the bundle; it differs in ${what.join(', ')}`)];
}

async function readTrust(request: VerifyRequest): Promise<Outcome<Trust | null>> {
  const { key: keyFile, trustedRoot, identity, issuer } = request;
  if ((identity ?? issuer) !== undefined && trustedRoot === undefined) {
    return failed([
      diagnostic('SP6021', '--certificate-identity and --certificate-issuer need --trusted-root FILE'),
    ]);
  }
  if (keyFile === undefined && trustedRoot === undefined) return success(null);
  let key: Trust['key'] = null;
  if (keyFile !== undefined) {
    const text = await readText(request.cwd, keyFile);
    if (!text.ok) return text;
    const read = readPublicKey(text.value, keyFile);
    if (!read.ok) return read;
    key = read.value;
  }
  let root: Trust['root'] = null;
  if (trustedRoot !== undefined) {
    const text = await readText(request.cwd, trustedRoot);
    if (!text.ok) return text;
    try {
      root = await readTrustedRoot(text.value, key);
    } catch {
      return failed([diagnostic('SP6021', `${trustedRoot} is not a Sigstore trusted root`)]);
    }
  }
  return success({
    key,
    root,
    identity: { subject: identity ?? null, issuer: issuer ?? null },
  });
}

type Wanted = (plan: Plan) => readonly Diagnostic[];

/** What `--plan` and `--policy` ask for, read before the bundle is looked at: SP6016, SP6017. */
async function readWanted({
  cwd,
  plan: planFile,
  policy: policyFile,
}: VerifyRequest): Promise<Outcome<Wanted>> {
  const checks: Wanted[] = [];
  if (planFile !== undefined) {
    const text = await readText(cwd, planFile);
    if (!text.ok) return text;
    const meant = readPlan(text.value);
    if (!meant.ok) return meant;
    checks.push((plan) =>
      plan.planDigest === meant.value.planDigest
        ? []
        : [diagnostic('SP6016', `the bundle was made with another plan than ${planFile}`)],
    );
  }
  if (policyFile !== undefined) {
    const override = await readPolicyFile(cwd, policyFile);
    if (!override.ok) return override;
    const found: Diagnostic[] = [];
    const { licenses } = override.value;
    const lists =
      licenses &&
      overrideLicenses(licenses, {
        reportUsage: (code, summary, details) => found.push(diagnostic(code, summary, details)),
      });
    if (found.length > 0) return failed(found);
    checks.push(({ name, policy }) => {
      const budgets = effectiveBudgets({ apiVersion: 'secplan/v1', metadata: { name } }, [], override.value);
      const meant = { ...policy, budgets, ...(lists === undefined ? {} : { licenses: lists }) };
      return policyDigest(meant) === policyDigest(policy)
        ? []
        : [diagnostic('SP6017', `the verdict was computed with another policy than ${policyFile}`)];
    });
  }
  return success((plan) => checks.flatMap((check) => check(plan)));
}

async function readText(cwd: string, file: string): Promise<Outcome<string>> {
  try {
    const path = resolve(cwd, file);
    const facts = await stat(path);
    if (!facts.isFile() || facts.size > MAX_BYTES) throw new Error('it is not a file, or it is too large');
    return success(await readFile(path, 'utf8'));
  } catch (error) {
    return failed([diagnostic('SP6021', `cannot read ${file}: ${(error as Error).message}`)]);
  }
}
