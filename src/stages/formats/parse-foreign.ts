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
    given: [],
    log: { stdout: '', stderr: '' },
  };
  const own = report.parse({ [main.name]: text }, context);
  if (own.ok) return own;
  const known = (report.unread ?? []).find(({ is }) => is(text));
  if (known !== undefined)
    return { ok: false, failure: { reason: 'report-schema', output: main.name, detail: known.detail } };
  const variants = report.variants ?? [];
  let refused: Failure | undefined;
  let broken: Failure | undefined;
  for (const variant of variants) {
    const outcome = variant.parse(text, context);
    if (outcome.ok) return outcome;
    // The form was recognised, but the report itself says that the tool failed.
    if (outcome.failure.reason === 'error-text') refused ??= outcome.failure;
    else if (outcome.failure.reason !== 'report-schema') broken ??= outcome.failure;
  }
  if (own.failure.reason !== 'report-schema') return { ok: false, failure: refused ?? own.failure };
  // Not of its own form: why it cannot be read in the form that it has says more.
  const said = withForms(own.failure, [FORMS[main.type] ?? main.type, ...variants.map(({ name }) => name)]);
  return { ok: false, failure: refused ?? (broken === undefined ? said : ofReport(broken)) };
}

/** A report from elsewhere is no output of a stage: it is called what it is. */
function ofReport(failure: Failure): Failure {
  return 'output' in failure ? { ...failure, output: 'report' } : failure;
}

/** What people call the types of outputs. */
const FORMS: Readonly<Record<string, string>> = {
  cyclonedx: 'CycloneDX',
  json: 'JSON',
  jsonl: 'JSON lines',
  sarif: 'SARIF',
  spdx: 'SPDX',
  text: 'text',
  xml: 'XML',
};

function withForms(failure: Failure, forms: readonly string[]): Failure {
  if (failure.reason !== 'report-schema') return failure;
  return {
    ...failure,
    detail: `${failure.detail}; reports of this tool are read as ${[...new Set(forms)].join(', ')}`,
  };
}
