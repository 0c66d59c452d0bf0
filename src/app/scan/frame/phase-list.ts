import type { Diagnostic } from '../../../core/diagnostic.ts';
import { type Outcome, success } from '../../../core/outcome.ts';

/** The run was stopped from outside: that is no error, and there is no bundle. */
export interface Interrupted {
  readonly ok: false;
  readonly diagnostics: readonly Diagnostic[];
  readonly interrupted: true;
}

export const INTERRUPTED: Interrupted = { ok: false, diagnostics: [], interrupted: true };

/** How a phase, and with it the run, can end. */
export type PhaseOutcome<T> = Outcome<T> | Interrupted;

/** One step of a run: what it needs of the phases before it, and what it adds for those after it. */
export type Phase<Needs, Adds extends object> = (context: Needs) => Promise<PhaseOutcome<Adds>>;

/** Phases in the order in which they run. `Context` is what stands after the last of them. */
export interface PhaseList<Start extends object, Context extends Start> {
  /** Adds a phase. One that needs what no phase before it adds does not compile. */
  next<Adds extends object>(phase: Phase<Context, Adds>): PhaseList<Start, Context & Adds>;
  /**
   * Runs them until one fails. Every phase gets its own context: none can change that of another. `tell` is given
   * the warnings of each phase that succeeds, before the next one starts.
   */
  run(start: Start, tell: (diagnostic: Diagnostic) => void): Promise<PhaseOutcome<Context>>;
}

/** A list without a phase yet. */
export function phaseList<Start extends object>(): PhaseList<Start, Start> {
  return listOf<Start, Start>([]);
}

function listOf<Start extends object, Context extends Start>(
  phases: readonly Phase<never, object>[],
): PhaseList<Start, Context> {
  return {
    next: (phase) => listOf([...phases, phase]),
    async run(start, tell) {
      let context: object = start;
      for (const phase of phases) {
        const outcome = await phase(context as never);
        if (!outcome.ok) return outcome;
        for (const item of outcome.diagnostics) tell(item);
        context = { ...context, ...outcome.value };
      }
      return success(context as Context);
    },
  };
}
