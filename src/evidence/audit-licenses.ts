import type { PlannedLicenses } from '../compiler/model/model.ts';
import type { Finding } from '../core/finding.ts';
import { type Digest, stageId, toolId } from '../core/ids.ts';
import { type NotRun, notRunText } from '../core/not-run.ts';
import { identify } from '../executor/judge/identify.ts';
import type { BlobStore } from '../executor/ports.ts';
import { stageArtifacts } from '../executor/stage-artifacts.ts';
import type { StageResult, StageState } from '../executor/stage-result.ts';
import type { Plan } from '../planner/ir/ir.ts';
import type { CoverageEntry } from '../policy/coverage.ts';
import { licenseFindings } from '../policy/licenses/license-findings.ts';
import { sbomComponents } from './bundle/licenses.ts';
import { ownSbomPath } from './sbom/place-sboms.ts';

/** Stands for a scanner where budgets, waivers and coverage name one. */
export const LICENSE_POLICY = toolId('license-policy');

/** A CycloneDX document that a stage of the plan makes. */
export interface PlannedSbom {
  readonly stage: string;
  readonly output: string;
  readonly target: string;
  /** Path in the bundle; where it is one of several of its target, the second. */
  readonly path: string;
  readonly ownPath: string;
}

export interface ReadSbom extends PlannedSbom {
  readonly state: StageState;
  /** Absent where the stage made none. */
  readonly text?: string;
}

/** What the licence lists find in the bills of materials, and what that looked at. */
export interface LicenseAudit {
  readonly findings: readonly Finding[];
  readonly entry: CoverageEntry;
}

/** Every CycloneDX document that the stages of a plan make. */
export function plannedSboms(plan: Plan): readonly PlannedSbom[] {
  const blob = { digest: '' as Digest, size: 0 };
  return plan.stages.flatMap((stage) => {
    if (stage.kind !== 'scan' && stage.kind !== 'sbom') return [];
    const names = stage.outputSpecs.filter(({ type }) => type === 'cyclonedx').map(({ name }) => name);
    return stageArtifacts(stage, Object.fromEntries(names.map((name) => [name, blob]))).map(
      ({ output, publishAs }) => ({
        stage: stage.id,
        output,
        target: stage.target.name,
        path: publishAs,
        ownPath: ownSbomPath({ ...stage, target: stage.target.name }, 'cyclonedx'),
      }),
    );
  });
}

/** Those documents as a run left them. */
export async function readSbomsOf(
  plan: Plan,
  results: readonly StageResult[],
  blobs: BlobStore,
): Promise<readonly ReadSbom[]> {
  const byStage = new Map<string, StageResult>(results.map((result) => [result.stage, result]));
  return Promise.all(
    plannedSboms(plan).map(async (sbom) => {
      const result = byStage.get(sbom.stage);
      const artifact =
        result?.state === 'done' ? result.artifacts.find(({ output }) => output === sbom.output) : undefined;
      const bytes = artifact === undefined ? undefined : await blobs.read(artifact.digest);
      const text = bytes === undefined ? {} : { text: Buffer.from(bytes).toString('utf8') };
      return { ...sbom, state: result?.state ?? 'incomplete', ...text };
    }),
  );
}

/** Holds the packages of every target against the lists. Without a bill of materials nothing was looked at: incomplete. */
export function auditLicenses(lists: PlannedLicenses, sboms: readonly ReadSbom[]): LicenseAudit {
  const read = sboms.flatMap(({ target, text }) => (text === undefined ? [] : [{ target, text }]));
  const targets = [...new Set(read.map(({ target }) => target))].sort();
  let packages = 0;
  const findings = targets.flatMap((target) => {
    const components = sbomComponents(read.filter((one) => one.target === target).map(({ text }) => text));
    packages += components.length;
    const stage = {
      id: stageId(LICENSE_POLICY),
      tool: LICENSE_POLICY,
      category: 'license' as const,
      target: { kind: 'source' as const, name: target },
      severityMap: {},
    };
    return identify(stage, {}, licenseFindings(components, lists), () => undefined);
  });
  const common = { id: LICENSE_POLICY, tool: LICENSE_POLICY, category: 'license', findings: findings.length };
  return { findings, entry: { ...common, ...stateOf(sboms, read.length, packages) } };
}

function stateOf(
  sboms: readonly ReadSbom[],
  read: number,
  packages: number,
): Pick<CoverageEntry, 'state' | 'detail' | 'reason' | 'notRun'> {
  const broken = sboms.filter(({ state }) => state === 'incomplete').map(({ stage }) => stage);
  if (broken.length > 0) {
    const detail = `no complete bill of materials: ${[...new Set(broken)].sort().join(', ')} gave no result`;
    return { state: 'incomplete', detail, reason: 'input-missing' };
  }
  if (read === 0 && sboms.length > 0 && sboms.every(({ state }) => state === 'not-applicable')) {
    const notRun: NotRun = { kind: 'no-packages' };
    return { state: 'not-applicable', detail: notRunText(notRun), reason: null, notRun };
  }
  if (read === 0) {
    const detail = 'the policy has licence lists, but no stage wrote a CycloneDX document: enable syft';
    return { state: 'incomplete', detail, reason: 'input-missing' };
  }
  const word = packages === 1 ? 'package' : 'packages';
  return { state: 'done', detail: `${packages} ${word} (components of ${read} CycloneDX)`, reason: null };
}
