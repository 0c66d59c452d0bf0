import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { FailureReason } from '../../src/core/failure.ts';

/** Reports that other projects publish; they lie beside the repository and are not copied into it. */
export const CORPUS = new URL('../../../shared/corpus/', import.meta.url).pathname;

const entry = z.object({
  tool: z.string(),
  file: z.string(),
  note: z.string(),
  expectedFindings: z.number().int().nullable(),
  expectedAsserted: z.boolean().nullable(),
});

export type CorpusEntry = z.infer<typeof entry>;

/** The index of the corpus; undefined where the folder is not there. */
export function corpusIndex(): readonly CorpusEntry[] | undefined {
  const path = join(CORPUS, 'index.json');
  if (!existsSync(path)) return undefined;
  return z.array(entry).parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** Names that the corpus has for what is a stage here under another name; a tool that is not listed has its own. */
const STAGES: Readonly<Record<string, string>> = {
  // Opengrep is Semgrep's fork and writes the same reports.
  semgrep: 'opengrep',
  // One program: its other commands write the results of `trivy fs`, a cluster's ones by resource.
  'trivy-config': 'trivy-fs',
  'trivy-image': 'trivy-fs',
  'trivy-k8s': 'trivy-fs',
};

/** The stage that reads this tool's reports, if the catalogue has it. */
export function stageOf(tool: string, catalogue: { has(id: string): boolean }): string | undefined {
  if (catalogue.has(tool)) return tool;
  const id = STAGES[tool];
  return id !== undefined && catalogue.has(id) ? id : undefined;
}

/** Where ours rightly differs from what the upstream test asserts: what we give, and why. */
export const EXPLAINED: Readonly<
  Record<string, { readonly ours: number | 'failure'; readonly why: string }>
> = {
  'semgrep/repeated_findings.json': {
    ours: 2,
    why: 'the upstream parser merges results of one rule and file; these are on lines of their own',
  },
  'semgrep/sca-deployments-vulns.json': {
    ours: 22,
    why: 'the upstream parser merges by title, file and line; four pairs differ in the dependency or reachability',
  },
  'cppcheck/cppcheck_many_vuln.sarif': {
    ours: 7,
    why: 'the upstream parser makes a finding of every location of a result; two results have five of them',
  },
  'gosec/gosec.empty.json': {
    ours: 'failure',
    why: 'a file of no bytes is no report: gosec that died leaves the same, so it cannot be clean',
  },
};

/** Files that are rightly refused, with the failure that says so. */
export const REFUSED: Readonly<Record<string, { readonly reason: FailureReason; readonly why: string }>> = {
  'gosec/gosec.empty.json': { reason: 'report-empty', why: 'it has no bytes' },
  'presidio/dicom_pii_verify_integration.json': {
    reason: 'report-schema',
    why: "output of Presidio's image redactor, which is another tool than the analyzer",
  },
  'trivy-k8s/k8s-results_unexpected-attribute.json': {
    reason: 'report-schema',
    why: 'a secret in it has no rule: reading the rest would pass over it in silence',
  },
};

/** Files that parse and hold no finding, though their index does not assert that there is none. */
export const WITHOUT: Readonly<Record<string, string>> = {
  'ruff/json-syntax-errors.json': 'syntax errors are notes: the file was not checked',
  'syft/cyclonedx-image.golden': 'an SBOM has no findings',
  'syft/syft-full-document.golden': 'an SBOM has no findings',
  'syft/syft-image.golden': 'an SBOM has no findings',
  'syft/syft-scan-alpine-container.json': 'an SBOM has no findings',
  'trivy-config/terraform-exclude-misconfs-remote-module.json.golden': 'all checks in it passed',
};
