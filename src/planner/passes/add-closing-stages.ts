import { byCodeUnit } from '../../core/canonical.ts';
import { artifactId, stageId } from '../../core/ids.ts';
import { type Outcome, success } from '../../core/outcome.ts';
import type { AggregateStage, ArtifactRef, GateStage, ReportStage } from '../ir/ir.ts';
import { deliveryStages } from './delivery-stages.ts';
import type { Draft } from './draft.ts';
import { evidenceStages } from './evidence-stages.ts';

/** Adds what the engine does with all results: merge the findings, gate them, write the documents, attest, sign and hand on. */
export function addClosingStages(draft: Draft): Outcome<Draft> {
  // A database finds nothing; a scanner that lacks it is incomplete by itself.
  const stages = draft.tools.map(({ stage }) => stage).filter(({ kind }) => kind !== 'database');
  const merged: ArtifactRef = {
    name: 'findings',
    id: artifactId(stageId('aggregate'), 'findings'),
    type: 'findings',
  };
  const verdict: ArtifactRef = { name: 'verdict', id: artifactId(stageId('gate'), 'verdict'), type: 'json' };
  const aggregate: AggregateStage = {
    kind: 'aggregate',
    id: stageId('aggregate'),
    needs: stages.map(({ id }) => id).sort(byCodeUnit),
    inputs: stages
      .map(({ id }): ArtifactRef => ({ name: id, id: artifactId(id, 'findings'), type: 'findings' }))
      .sort((a, b) => byCodeUnit(a.name, b.name)),
    outputs: [merged],
  };
  const gate: GateStage = {
    kind: 'gate',
    id: stageId('gate'),
    needs: [aggregate.id],
    inputs: [merged],
    outputs: [verdict],
  };
  const report: ReportStage = {
    kind: 'report',
    id: stageId('report'),
    needs: [aggregate.id, gate.id],
    inputs: [merged, verdict],
    outputs: [
      { name: 'sarif', id: artifactId(stageId('report'), 'sarif'), type: 'sarif' },
      { name: 'summary', id: artifactId(stageId('report'), 'summary'), type: 'json' },
    ],
  };
  const evidence = evidenceStages(draft.model);
  const handedOn = deliveryStages(draft.model, evidence.at(-1)?.id ?? report.id);
  return success({ ...draft, closing: [aggregate, gate, report, ...evidence, ...handedOn] });
}
