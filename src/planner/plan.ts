import type { Model } from '../compiler/model/model.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { failedWith, type PartialOutcome, success, valueOrPartial } from '../core/outcome.ts';
import type { Plan } from './ir/ir.ts';
import { addClosingStages } from './passes/add-closing-stages.ts';
import { addDatabases } from './passes/add-databases.ts';
import { addServices } from './passes/add-services.ts';
import { applyProviders } from './passes/apply-providers.ts';
import { checkCycles } from './passes/check-cycles.ts';
import { checkIds } from './passes/check-ids.ts';
import { connectArtifacts } from './passes/connect-artifacts.ts';
import { connectNeeds } from './passes/connect-needs.ts';
import type { Draft, Pass, PlanContext } from './passes/draft.ts';
import { expandTools } from './passes/expand-tools.ts';
import { finish } from './passes/finish.ts';

interface NamedPass {
  readonly name: string;
  readonly run: Pass;
  /** Whether later passes make sense on what was there before, so that all mistakes are reported at once. */
  readonly onFailure: 'stop' | 'go on';
  /** It asks each tool alone: it runs too where others are missing, after a stop and for a model with errors. */
  readonly each?: true;
}

/** How a model becomes a plan, in order; each line says why its pass stands where it stands. */
const PASSES: readonly NamedPass[] = [
  // First: all later passes work on the stages that it makes.
  { name: 'expand-tools', run: expandTools, onFailure: 'stop', each: true },
  // Before the databases: it removes the scanners that a placeholder stack cannot serve.
  { name: 'add-services', run: addServices, onFailure: 'stop' },
  // After the last scanner was added or removed: only databases that one of them reads are planned.
  { name: 'add-databases', run: addDatabases, onFailure: 'stop' },
  // After the last scanner was added: they merge the findings of every scanner.
  { name: 'add-closing-stages', run: addClosingStages, onFailure: 'stop' },
  // After the last stage was added and before the first lookup of a stage by its name.
  { name: 'check-ids', run: checkIds, onFailure: 'stop' },
  // Before the providers: a command is built from the artifacts that its stage consumes.
  { name: 'connect-artifacts', run: connectArtifacts, onFailure: 'go on' },
  // After the artifacts, which are part of a command; nothing later changes a command.
  { name: 'apply-providers', run: applyProviders, onFailure: 'go on', each: true },
  // Anywhere after the ids: it reports unknown names next to the mistakes of the two passes before it.
  { name: 'connect-needs', run: connectNeeds, onFailure: 'go on' },
  // Last: only now are all edges there, those of services, artifacts and needs.
  { name: 'check-cycles', run: checkCycles, onFailure: 'go on' },
];

/** Of a plan with errors: the stages of tools as far as they were planned, to look for further errors in. */
export type PartialPlan = Pick<Plan, 'stages'>;

/**
 * Plans a resolved model. Pure: equal model, context and version give an equal plan, down to the bytes that
 * `serializePlan` writes. Reports all errors at once (SP2005, SP2006, SP3001 to SP3005, SP3007).
 */
export function planStages(model: Model, context: PlanContext): PartialOutcome<Plan, PartialPlan> {
  const { draft, sound, diagnostics } = runPasses(model, context, 'whole');
  return sound ? success(finish(draft, context), diagnostics) : failedWith(diagnostics, partialPlan(draft));
}

/** What planning has to say of each tool of a model from which those with errors were left out. */
export function checkEachTool(model: Model, context: PlanContext): PartialOutcome<never, PartialPlan> {
  const { draft, diagnostics } = runPasses(model, context, 'each');
  return failedWith(diagnostics, partialPlan(draft));
}

function runPasses(model: Model, context: PlanContext, passes: 'whole' | 'each') {
  const diagnostics: Diagnostic[] = [];
  let draft: Draft = { model, tools: [], services: [], closing: [], notPlanned: model.notPlanned };
  let sound = true;
  let each = passes === 'each';
  for (const pass of PASSES) {
    if (each && pass.each !== true) continue;
    const outcome = pass.run(draft, context);
    diagnostics.push(...outcome.diagnostics);
    draft = valueOrPartial(outcome) ?? draft;
    if (outcome.ok) continue;
    sound = false;
    each ||= pass.onFailure === 'stop';
  }
  return { draft, sound, diagnostics };
}

function partialPlan({ tools }: Draft): PartialPlan {
  return { stages: tools.map(({ stage }) => stage) };
}
