import { reportFileName } from '../../core/stage-file-name.ts';
import type { StageArtifact, StageResult } from '../../executor/stage-result.ts';
import { isToolStage, type Plan } from '../../planner/ir/ir.ts';

type Format = 'cyclonedx' | 'spdx';

const ENDING = { cyclonedx: 'cdx.json', spdx: 'spdx.json' } as const;

/** A bill of materials that secplan makes of the documents of several stages. */
export interface SbomMerge {
  readonly target: string;
  readonly format: Format;
  /** Path in the bundle. */
  readonly path: string;
  /** The producers' own documents. */
  readonly from: readonly StageArtifact[];
}

export interface PlacedSboms {
  readonly results: readonly StageResult[];
  readonly merges: readonly SbomMerge[];
}

interface Made {
  readonly result: StageResult;
  readonly artifact: StageArtifact;
  readonly format: Format;
}

/**
 * Sees to it that each target has one document of each format, `sbom/<target>.*`. A single producer's stands there as it
 * is. Where several gave one, or one whose place is elsewhere (a custom stage), a merge will stand there, and what
 * each producer made is below `reports/`. Only stages that are done count.
 */
export function placeSboms(plan: Plan, results: readonly StageResult[]): PlacedSboms {
  const types = new Map(
    plan.stages.flatMap((stage) =>
      isToolStage(stage)
        ? stage.outputSpecs.map((spec) => [`${stage.id}/${spec.name}`, spec.type] as const)
        : [],
    ),
  );
  const made = results.flatMap((result): Made[] =>
    'artifacts' in result
      ? result.artifacts.flatMap((artifact) => {
          const format = types.get(`${result.stage}/${artifact.output}`);
          return format === 'cyclonedx' || format === 'spdx' ? [{ result, artifact, format }] : [];
        })
      : [],
  );
  const moved = new Map<StageArtifact, StageArtifact>();
  const merges: SbomMerge[] = [];
  for (const key of [...new Set(made.map(keyOf))].sort()) {
    const group = made.filter((one) => keyOf(one) === key);
    const done = group.filter(({ result }) => result.state === 'done');
    const [first] = done;
    if (first === undefined) continue;
    const { format } = first;
    const { target } = first.result;
    const path = `sbom/${target}.${ENDING[format]}`;
    if (group.length === 1 && first.artifact.publishAs === path) continue;
    for (const { result, artifact } of group) {
      if (artifact.publishAs.startsWith('sbom/'))
        moved.set(artifact, { ...artifact, publishAs: ownSbomPath(result, format) });
    }
    merges.push({ target, format, path, from: done.map(({ artifact }) => artifact) });
  }
  const placed = results.map((result) =>
    'artifacts' in result && result.artifacts.some((artifact) => moved.has(artifact))
      ? { ...result, artifacts: result.artifacts.map((artifact) => moved.get(artifact) ?? artifact) }
      : result,
  );
  return { results: placed, merges };
}

/** Where a producer's own document stands when `sbom/` has a merge. */
export function ownSbomPath(
  { category, tool, target }: Pick<StageResult, 'category' | 'tool' | 'target'>,
  format: Format,
): string {
  return `reports/${category}/${reportFileName(tool, target)}.own.${ENDING[format]}`;
}

function keyOf({ result, format }: Made): string {
  return JSON.stringify([result.target, format]);
}
