import type { z } from 'zod';
import type { StageCommands } from './command.ts';
import type { ParseContext, ParseOutcome, RawOutputs, ReportVariant } from './report.ts';
import type { StageData } from './stage.ts';

/** A scanner: data plus pure functions. The engine owns files, processes and network. */
export interface StageDefinition<Options = never> extends StageData, StageCommands<Options> {
  /** An object whose defaults stand on its first level; the manifest's schema is generated from it. */
  readonly options: z.ZodType<Options>;
  /** Pure. Foreign text in, findings or a failure out; never throws on any input. */
  parse(raw: RawOutputs, context: ParseContext<Options>): ParseOutcome;
  /** Forms of the report that the stage's own command does not write; tried by `secplan parse` only, in this order. */
  readonly variants?: readonly ReportVariant[];
  /** Takes secrets and source snippets out of a raw output before it is stored anywhere. */
  sanitize?(output: string, text: string): string;
}

/** Declares a scanner; the type ties options, command and parser together. */
export function defineStage<Options>(definition: StageDefinition<Options>): StageDefinition<Options> {
  return definition;
}
