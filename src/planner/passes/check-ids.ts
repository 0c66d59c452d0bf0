import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import type { Draft } from './draft.ts';

/** Refuses a plan without a scanner, and one in which two stages have the same id. */
export function checkIds(draft: Draft): Outcome<Draft> {
  if (draft.tools.length === 0) {
    const reasons = draft.notPlanned.map(({ tool, state, text }) => ({
      message: `${tool} is ${state}: ${text}`,
    }));
    const summary = `the profile ${draft.model.profile} has no scanner that can run`;
    return failed([diagnostic('SP3007', summary, { related: reasons })]);
  }
  const seen = new Map<string, string>(
    [...draft.closing, ...draft.services].map(({ id }) => [id, 'the engine']),
  );
  const diagnostics: Diagnostic[] = [];
  for (const { stage, tool } of draft.tools) {
    const owner = seen.get(stage.id);
    if (owner !== undefined) {
      diagnostics.push(
        diagnostic('SP3003', `two stages have the id ${stage.id}: one comes from ${owner}`, {
          pointer: tool.pointer,
          value: stage.id,
        }),
      );
    }
    seen.set(stage.id, tool.pointer === '' ? 'the built-in profile' : tool.pointer);
  }
  return diagnostics.length > 0 ? failed(diagnostics) : success(draft);
}
