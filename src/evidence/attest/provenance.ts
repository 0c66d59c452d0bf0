import { byCodeUnit } from '../../core/canonical.ts';
import type { Digest, StageId } from '../../core/ids.ts';
import type { AttackRecord } from '../../executor/ports.ts';
import type { StoredOutputs } from '../../executor/stage-artifacts.ts';
import { isToolStage, type Plan } from '../../planner/ir/ir.ts';
import type { ArtifactEntry, Summary } from '../bundle/summary.ts';
import type { GitFacts } from '../statement/statement.ts';

/** slsa.dev/spec/v1.0/provenance, `ResourceDescriptor`. */
interface Resource {
  readonly name: string;
  readonly digest: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

export interface ProvenanceInput {
  readonly summary: Summary;
  readonly plan: Plan;
  /** What the sandbox was tried with at the start; absent where nothing was. */
  readonly attacks?: AttackRecord;
  readonly manifest: {
    readonly digest: Digest;
    readonly file: string | null;
    readonly sources: readonly { readonly path: string; readonly digest: Digest }[];
  };
  readonly git: GitFacts | null;
  /** What each stage left. */
  readonly stored: ReadonlyMap<StageId, StoredOutputs>;
  /** Link metadata of the stages, already written. */
  readonly links: readonly ArtifactEntry[];
  /** Milliseconds since the epoch, and how long it took. */
  readonly startedAt: number;
  readonly totalMs: number;
}

/** SLSA provenance v1: what was run, with which tools, on which sources, under which plan. */
export function provenanceOf(input: ProvenanceInput): object {
  const { summary, plan, manifest, git, links, startedAt, totalMs } = input;
  return {
    buildDefinition: {
      buildType: 'https://secplan.dev/attestation/scan/v1',
      externalParameters: {
        name: plan.name,
        profile: plan.profile,
        runtime: summary.runtime,
        manifest: { file: manifest.file, digest: sha256(manifest.digest) },
        plan: { digest: sha256(plan.planDigest) },
      },
      internalParameters: {
        secplan: summary.secplan,
        source: git === null ? null : { gitSha: git.sha, dirty: git.dirty },
        // As it was run: the caller can switch it off, whatever the plan says.
        sandbox: summary.sandbox ?? 'on',
        ...(input.attacks === undefined ? {} : { sandboxAttacks: input.attacks }),
        /** What the runtime could not hold the scanners to. */
        notEnforced: summary.notEnforced,
      },
      resolvedDependencies: [
        ...sources(git),
        ...manifestFiles(manifest),
        ...tools(summary),
        ...databases(input),
        ...shipped(plan),
      ],
    },
    runDetails: {
      builder: {
        id: `https://secplan.dev/builder/${summary.runtime}`,
        version: { secplan: summary.secplan },
      },
      metadata: {
        invocationId: summary.bundle,
        startedOn: new Date(startedAt).toISOString(),
        finishedOn: new Date(startedAt + totalMs).toISOString(),
      },
      byproducts: links.map((link) => ({ name: link.path, digest: { sha256: link.sha256 } })),
    },
  };
}

function sha256(digest: string): { readonly sha256: string } {
  return { sha256: digest.slice('sha256:'.length) };
}

/** Where it is one file, git and the digest of its content already say which. */
function manifestFiles({ sources: files }: ProvenanceInput['manifest']): readonly Resource[] {
  if (files.length < 2) return [];
  return files.map(({ path, digest }) => ({ name: `manifest ${path}`, digest: sha256(digest) }));
}

function sources(git: GitFacts | null): readonly Resource[] {
  if (git === null) return [];
  return [{ name: 'source', digest: { gitCommit: git.sha }, annotations: { dirty: git.dirty } }];
}

function tools(summary: Summary): readonly Resource[] {
  return summary.tools.map(({ stage, name, version, digest, provider, pinned, thirdParty, sharedBy }) => ({
    name: `tool:${name}`,
    digest: sha256(digest),
    annotations: {
      ...{ stage, version, provider, pinned, thirdParty },
      // It ran elsewhere, and the holder of this key says so.
      ...(sharedBy === undefined ? {} : { sharedBy }),
    },
  }));
}

/** Databases that stages of the plan brought, by the digest of what is in them. */
function databases({ plan, stored }: ProvenanceInput): readonly Resource[] {
  return plan.stages.flatMap((stage) => {
    if (stage.kind !== 'database') return [];
    return Object.entries(stored.get(stage.id) ?? {})
      .filter(([name]) => stage.outputSpecs.some((spec) => spec.name === name))
      .map(([name, { digest }]) => ({ name: `database:${stage.id}/${name}`, digest: sha256(digest) }));
  });
}

/** Rule sets and the like that stages read, and scripts of the workspace that they start. */
function shipped(plan: Plan): readonly Resource[] {
  const found = plan.stages.flatMap((stage): readonly Resource[] => {
    if (!isToolStage(stage)) return [];
    const assets = Object.entries(stage.assets).map(([name, { path, digest }]) => ({
      name: `asset:${stage.id}/${name}`,
      digest: sha256(digest),
      annotations: { path },
    }));
    const scripts = Object.entries(stage.scripts ?? {}).map(([path, digest]) => ({
      name: `script:${path}`,
      digest: sha256(digest),
      annotations: { stage: stage.id },
    }));
    return [...assets, ...scripts];
  });
  return found.sort((a, b) => byCodeUnit(a.name, b.name));
}
