import type { Digest } from '../core/ids.ts';
import { reportFileName } from '../core/stage-file-name.ts';
import { unreachable } from '../core/unreachable.ts';
import type { ToolStage } from '../planner/ir/ir.ts';
import type { ArtifactType } from '../stages/contract/artifact.ts';
import type { OutputSpec } from '../stages/contract/output.ts';
import type { StageArtifact } from './stage-result.ts';

/** Stored files by output name, and by `<step>.stdout|.stderr` for logs. */
export type StoredOutputs = Readonly<Record<string, { readonly digest: Digest; readonly size: number }>>;

type Published = Pick<ToolStage, 'outputSpecs' | 'category' | 'tool' | 'target'>;

/** The outputs that a stage left, each with its place in the bundle. Logs are not among them. */
export function stageArtifacts(stage: Published, stored: StoredOutputs): StageArtifact[] {
  const published = stage.outputSpecs.filter((spec) => spec.tree !== true);
  const unnamed = published.filter((spec) => spec.publishAs === undefined);
  return published.flatMap((spec) => {
    const blob = Object.hasOwn(stored, spec.name) ? stored[spec.name] : undefined;
    if (blob === undefined) return [];
    const publishAs = placeInBundle(stage, spec, unnamed[0] === spec);
    return [
      { output: spec.name, digest: blob.digest, size: blob.size, mediaType: spec.mediaType, publishAs },
    ];
  });
}

/** Of several outputs without their own place, the first has the plain name. */
function placeInBundle(stage: Published, spec: OutputSpec, plain: boolean): string {
  const target = stage.target.name;
  if (spec.publishAs !== undefined) return spec.publishAs.replaceAll('{target}', target);
  const name = plain ? '' : `.${spec.name}`;
  return `reports/${stage.category}/${reportFileName(stage.tool, target)}${name}.raw.${extension(spec.type)}`;
}

function extension(type: ArtifactType): string {
  switch (type) {
    case 'sarif':
    case 'json':
    case 'jsonl':
    case 'xml':
      return type;
    case 'text':
      return 'txt';
    case 'cyclonedx':
      return 'cdx.json';
    case 'spdx':
      return 'spdx.json';
    case 'findings':
    case 'endpoint':
      return 'json';
    case 'database':
      return 'db';
    default:
      return unreachable(type);
  }
}
