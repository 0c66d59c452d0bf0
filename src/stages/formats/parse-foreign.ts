import type { Failure } from '../../core/failure.ts';
import type { CatalogueEntry } from '../contract/catalogue.ts';
import type { ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';

/**
 * Reads a report that was made elsewhere: in the form that the stage's own command writes, else in each further form
 * that it knows. Never for a run of secplan's own, which must have its own form and prove that it looked.
 */
export function parseForeign(
  entry: Pick<CatalogueEntry, 'outputs' | 'optionDefaults' | 'requires'>,
  report: StageReport<unknown>,
  text: string,
  relative: (path: string) => string | undefined,
): ParseOutcome {
  const main = entry.outputs.find(({ required }) => required !== false) ?? entry.outputs[0];
  if (main === undefined) return { ok: false, failure: { reason: 'report-missing', output: 'report' } };
  const context: ParseContext = {
    options: entry.optionDefaults,
    target: { kind: entry.requires.target, name: 'source', details: {} },
    relative,
    filesGiven: 0,
    log: { stdout: '', stderr: '' },
  };
  const own = report.parse({ [main.name]: text }, context);
  if (own.ok) return own;
  const variants = report.variants ?? [];
  let refused: Failure | undefined;
  for (const variant of variants) {
    const outcome = variant.parse(text, context);
    if (outcome.ok) return outcome;
    // The form was recognised, but the report itself says that the tool failed.
    if (outcome.failure.reason === 'error-text') refused ??= outcome.failure;
  }
  return { ok: false, failure: refused ?? withForms(own.failure, variants) };
}

function withForms(failure: Failure, variants: readonly { readonly name: string }[]): Failure {
  if (failure.reason !== 'report-schema' || variants.length === 0) return failure;
  return {
    ...failure,
    detail: `${failure.detail}; it is not ${variants.map(({ name }) => name).join(' or ')}`,
  };
}
