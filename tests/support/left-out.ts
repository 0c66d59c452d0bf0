import type { DisabledTool } from '../../src/compiler/model/model.ts';
import { toolId } from '../../src/core/ids.ts';
import { type NotRun, notRunText } from '../../src/core/not-run.ts';

/** A tool that a plan leaves out, as planning writes it. */
export function leftOut(tool: string, state: DisabledTool['state'], reason: NotRun): DisabledTool {
  return { tool: toolId(tool), state, reason, text: notRunText(reason) };
}
