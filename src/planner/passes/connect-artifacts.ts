import type { DisabledTool } from '../../compiler/model/model.ts';
import { byCodeUnit } from '../../core/canonical.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import type { ArtifactType } from '../../stages/contract/artifact.ts';
import type { Consumption } from '../../stages/contract/requirements.ts';
import type { ArtifactRef, ToolStage } from '../ir/ir.ts';
import { consumedBy, type Draft, type DraftTool } from './draft.ts';

/** Ties each consumed artifact to the stage that produces it. */
export function connectArtifacts(draft: Draft): Outcome<Draft> {
  const diagnostics: Diagnostic[] = [];
  const byTool = Map.groupBy(draft.tools, ({ tool }) => tool.id as string);
  const tools = draft.tools.map((node) => {
    const consumes = consumedBy(node);
    if (consumes.length === 0) return node;
    const inputs: ArtifactRef[] = [];
    const needs: ToolStage['id'][] = [...node.stage.needs];
    for (const consumed of consumes) {
      const producer = producerFor(node, byTool.get(consumed.from) ?? []);
      const output = producer && outputOf(producer.stage, consumed.type);
      if (producer === undefined || output === undefined) {
        if (consumed.optional !== true) diagnostics.push(missing(node, consumed, draft.notPlanned));
        continue;
      }
      const { name, writable } = consumed;
      inputs.push({ name, id: output.id, type: output.type, ...(writable && { writable }) });
      needs.push(producer.stage.id);
    }
    return {
      ...node,
      stage: { ...node.stage, inputs: sortedByName(inputs), needs: [...new Set(needs)].sort(byCodeUnit) },
    };
  });
  return diagnostics.length > 0 ? failed(diagnostics) : success({ ...draft, tools });
}

// The producer of the same target; where the consumer has another, the workspace's, or the only one there is.
function producerFor(node: DraftTool, producers: readonly DraftTool[]): DraftTool | undefined {
  const { kind, name } = node.stage.target;
  const same = producers.find(({ stage }) => stage.target.kind === kind && stage.target.name === name);
  const source = producers.find(({ stage }) => stage.target.kind === 'source');
  return same ?? source ?? (producers.length === 1 ? producers[0] : undefined);
}

function outputOf(stage: ToolStage, type: ArtifactType): ArtifactRef | undefined {
  return stage.outputs.find((output) => output.type === type);
}

function sortedByName(refs: readonly ArtifactRef[]): readonly ArtifactRef[] {
  return [...refs].sort((a, b) => byCodeUnit(a.name, b.name));
}

function missing(node: DraftTool, consumed: Consumption, left: readonly DisabledTool[]): Diagnostic {
  const absent = left.find(({ tool }) => tool === consumed.from);
  const why = absent === undefined ? '' : ` (${consumed.from} is ${absent.state}: ${absent.text})`;
  return diagnostic(
    'SP3002',
    `${node.stage.id} consumes ${consumed.name} (${consumed.type}) of ${consumed.from}, which no stage produces${why}`,
    {
      pointer: node.tool.pointer,
      help: `Enable ${consumed.from} in the profile, or disable ${node.tool.id}.`,
    },
  );
}
