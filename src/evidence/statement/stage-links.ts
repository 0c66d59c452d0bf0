import { reportFileName, stageFileName } from '../../core/stage-file-name.ts';
import type { StageResult } from '../../executor/stage-result.ts';
import { isToolStage, type Plan, type ToolStage } from '../../planner/ir/ir.ts';
import type { ArgvPart } from '../../stages/contract/command.ts';
import type { ArtifactEntry } from '../bundle/summary.ts';

type Hashes = Readonly<Record<string, { readonly sha256: string }>>;

/** in-toto link (in-toto specification v1.0, 4.4): what one stage read, ran and left. */
export interface Link {
  readonly _type: 'link';
  readonly name: string;
  readonly materials: Hashes;
  readonly products: Hashes;
  readonly byproducts: Readonly<Record<string, unknown>>;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, never>>;
}

/**
 * Links of every stage that ran, each with plan.json as a material and its files of the bundle as products, so that a
 * layout can hold what one stage read to what another left. Commands are the plan's: they hold no value of a secret.
 */
export function stageLinks(
  plan: Plan,
  results: readonly StageResult[],
  files: readonly ArtifactEntry[],
): readonly Link[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const only = (wanted: (path: string) => boolean): Hashes =>
    Object.fromEntries(
      files.filter(({ path }) => wanted(path)).map(({ path, sha256 }) => [path, { sha256 }]),
    );
  const stages = new Map<string, ToolStage>(
    plan.stages.flatMap((stage) => (isToolStage(stage) ? [[stage.id, stage] as const] : [])),
  );
  const planFile = only((path) => path === 'plan.json');
  const links: Link[] = [];
  const reports = new Set<string>();
  for (const result of results) {
    const stage = stages.get(result.stage);
    if (stage === undefined || !('timings' in result)) continue;
    const paths = new Set([...result.artifacts.map(({ publishAs }) => publishAs), reportPath(result)]);
    for (const path of paths) if (byPath.has(path)) reports.add(path);
    const { toolUsed } = result;
    links.push({
      _type: 'link',
      name: stageFileName(stage.id),
      materials: {
        ...planFile,
        ...(toolUsed === null ? {} : { [`tool:${toolUsed.name}`]: { sha256: hex(toolUsed.digest) } }),
        ...Object.fromEntries(
          Object.entries(stage.assets).map(([name, { digest }]) => [
            `asset:${name}`,
            { sha256: hex(digest) },
          ]),
        ),
        ...(result.state === 'done' ? { 'action:key': { sha256: hex(result.key) } } : {}),
      },
      products: only((path) => paths.has(path)),
      byproducts: {
        state: result.state,
        target: result.target,
        ...(result.state === 'done'
          ? { findings: result.findings.length, files: result.filesGiven, notEnforced: result.notEnforced }
          : { reason: result.failure.reason }),
      },
      command: commandOf(stage, toolUsed?.provider),
      environment: {},
    });
  }
  const reported = only((path) => reports.has(path));
  const findings = only((path) => path === 'findings.sarif');
  const verdict = only((path) => path === 'verdict.json');
  const rest = only((path) => !reports.has(path) && !path.startsWith('logs/'));
  const { 'plan.json': _, 'findings.sarif': __, 'verdict.json': ___, ...documents } = rest;
  links.push(
    engine('aggregate', { ...planFile, ...reported }, findings),
    engine('gate', { ...planFile, ...findings }, verdict),
    engine('report', { ...planFile, ...findings, ...verdict }, documents),
  );
  return links;
}

/** `reports/<category>/<tool>[.<target>].sarif`, or below `privacy/`. */
export function reportPath({
  category,
  tool,
  target,
}: Pick<StageResult, 'category' | 'tool' | 'target'>): string {
  const folder = category === 'privacy' ? 'privacy' : `reports/${category}`;
  return `${folder}/${reportFileName(tool, target)}.sarif`;
}

function engine(name: string, materials: Hashes, products: Hashes): Link {
  return { _type: 'link', name, materials, products, byproducts: {}, command: [], environment: {} };
}

function hex(digest: string): string {
  return digest.slice('sha256:'.length);
}

function commandOf(stage: ToolStage, used: string | undefined): readonly string[] {
  const planned = stage.providers.find(({ provider }) => provider.name === used) ?? stage.providers[0];
  return (planned?.steps ?? []).flatMap(({ argv }, index) => [
    ...(index === 0 ? [] : ['&&']),
    ...argv.map(partText),
  ]);
}

/** Places that only a run knows are named, not given: `$source/app`. */
function partText(part: ArgvPart): string {
  if (typeof part === 'string') return part;
  if (part.at === 'files' || part.at === 'tool') return `$${part.at}`;
  const name = part.at === 'asset' || part.at === 'artifact' ? `:${part.name}` : '';
  const sub = part.sub === undefined ? '' : `/${part.sub}`;
  return `${part.prefix ?? ''}$${part.at}${name}${sub}`;
}
