import { digestOf } from '../../src/core/canonical.ts';
import { artifactId, stageId, toolId } from '../../src/core/ids.ts';
import type { PlannedProvider, ScanStage } from '../../src/planner/ir/ir.ts';
import type { Step } from '../../src/stages/contract/command.ts';
import type { OutputSpec } from '../../src/stages/contract/output.ts';

export const REPORT: OutputSpec = {
  name: 'report',
  type: 'json',
  mediaType: 'application/json',
  file: 'report.json',
};

export function plannedProvider(steps: readonly Step[], tool = 'tool'): PlannedProvider {
  return {
    provider: { name: 'path', runtime: 'local', kind: 'path', package: 'sh', bin: 'sh' },
    version: '1.0',
    digest: digestOf(tool),
    steps,
  };
}

/** A planned stage for tests; `id` is `tool` or `tool:target`. */
export function toolStage(id: string, over: Partial<ScanStage> = {}): ScanStage {
  const [tool = id, target] = id.split(':');
  const stage = stageId(tool, target);
  return {
    id: stage,
    kind: 'scan',
    needs: [],
    inputs: [],
    outputs: [{ name: 'report', id: artifactId(stage, 'report'), type: 'json' }],
    tool: toolId(tool),
    definition: tool,
    definitionDigest: digestOf(`definition of ${tool}`),
    category: 'sast',
    target: { kind: 'source', name: target ?? 'source', path: '.' },
    selection: { include: ['**'] },
    excludedByManifest: [],
    providers: [
      plannedProvider([{ id: 'scan', argv: ['sh'], exits: { '0': 'clean', '1': 'findings' } }], tool),
    ],
    options: {},
    assets: {},
    outputSpecs: [REPORT],
    faults: [],
    secrets: [],
    network: 'none',
    resources: { cpus: 1, memoryMb: 512 },
    timeoutMs: 30_000,
    retries: 0,
    severityMap: {},
    notChecked: [],
    ...over,
  };
}
