import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlannedPolicy } from '../../compiler/model/model.ts';
import { overrideLicenses } from '../../compiler/resolve/check-licenses.ts';
import { effectiveBudgets } from '../../compiler/resolve/effective-budgets.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { auditLicenses, LICENSE_POLICY, plannedSboms, type ReadSbom } from '../../evidence/audit-licenses.ts';
import type { BundleContent } from '../../evidence/bundle/read-bundle.ts';
import { mergeFindings } from '../../policy/merge-findings.ts';
import { decideVerdict, type Verdict } from '../../policy/verdict.ts';
import { type VerdictChange, verdictChanges } from '../../policy/verdict-changes.ts';
import type { ScanOptions } from '../contract/scan-option-types.ts';
import { readPolicyFile } from '../policy-inputs/read-policy-file.ts';
import { openBundle } from '../workspace/open-bundle.ts';

/** Budgets and licence lists of `policy` hold instead of the plan's. */
export interface CheckRequest extends Pick<ScanOptions, 'policy' | 'exportDir'> {
  /** Absolute. */
  readonly cwd: string;
  /** Path, id or `latest`. */
  readonly bundle?: string | undefined;
  /** Milliseconds since the epoch at which waivers and VEX documents are judged. */
  readonly at: number;
  /** Milliseconds since the epoch; where it is not `at`, what changes between the two is reported. */
  readonly now?: number | undefined;
}

export interface Checked {
  readonly bundle: BundleContent;
  readonly verdict: Verdict;
  /** What is otherwise at `at` than now; empty where nothing is. */
  readonly changes: readonly VerdictChange[];
}

/** Gates a sealed bundle again, without scanning: SP5088, SP6001, SP6002, SP3006, or what the policy file has. */
export async function checkBundle(request: CheckRequest): Promise<Outcome<Checked>> {
  const read = await openBundle(request);
  if (!read.ok) return read;
  const policed = await withPolicyFile(request, read.value);
  if (!policed.ok) return policed;
  const { policy, bundle } = policed.value;
  const gate = (at: number): Verdict =>
    decideVerdict({
      policy,
      coverage: bundle.verdict.coverage,
      findings: bundle.findings,
      facts: bundle.facts,
      at,
      elapsedMs: null,
    });
  const verdict = gate(request.at);
  const { now = request.at } = request;
  return success({
    bundle,
    verdict,
    changes: now === request.at ? [] : verdictChanges(gate(now), verdict),
  });
}

async function withPolicyFile(
  { cwd, policy: file }: CheckRequest,
  bundle: BundleContent,
): Promise<Outcome<{ readonly policy: PlannedPolicy; readonly bundle: BundleContent }>> {
  const { plan } = bundle;
  if (file === undefined) return success({ policy: plan.policy, bundle });
  const override = await readPolicyFile(cwd, file);
  if (!override.ok) return override;
  const manifest = { apiVersion: 'secplan/v1', metadata: { name: plan.name } } as const;
  const budgets = effectiveBudgets(manifest, [], override.value);
  const found: Diagnostic[] = [];
  if (budgets.exploited !== undefined && plan.policy.exploited === undefined) {
    found.push(
      diagnostic(
        'SP2060',
        '--policy FILE counts exploited findings, but the run had no list of exploited vulnerabilities',
      ),
    );
  }
  const { licenses } = override.value;
  const lists =
    licenses &&
    overrideLicenses(licenses, {
      reportUsage: (code, summary, details) => found.push(diagnostic(code, summary, details)),
    });
  if (found.length > 0) return failed(found);
  if (lists === undefined) return success({ policy: { ...plan.policy, budgets }, bundle });
  const policy = { ...plan.policy, budgets, licenses: lists };
  return success({ policy, bundle: await auditedAgain(bundle, lists) });
}

/** The bundle as if the run had had these licence lists. */
async function auditedAgain(
  bundle: BundleContent,
  lists: NonNullable<PlannedPolicy['licenses']>,
): Promise<BundleContent> {
  const { coverage } = bundle.verdict;
  const states = new Map(coverage.entries.map(({ id, state }) => [id, state]));
  const sboms = await Promise.all(
    plannedSboms(bundle.plan).map(async (sbom): Promise<ReadSbom> => {
      const state = states.get(sbom.stage) ?? 'incomplete';
      const read = (path: string) => readFile(join(bundle.dir, path), 'utf8').catch(() => undefined);
      const text = (await read(sbom.ownPath)) ?? (await read(sbom.path));
      return { ...sbom, state, ...(text === undefined ? {} : { text }) };
    }),
  );
  const audit = auditLicenses(lists, sboms);
  const others = bundle.findings.flatMap((finding) => {
    const accounts = finding.accounts.filter(({ tool }) => tool !== LICENSE_POLICY);
    return accounts.length === 0 ? [] : [{ ...finding, accounts }];
  });
  const entries = [...coverage.entries.filter(({ id }) => id !== LICENSE_POLICY), audit.entry];
  return {
    ...bundle,
    findings: mergeFindings([...others, ...audit.findings]),
    verdict: { ...bundle.verdict, coverage: { ...coverage, entries } },
  };
}
