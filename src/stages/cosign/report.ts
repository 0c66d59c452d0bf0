import type { ParsedFinding } from '../../core/finding.ts';
import type { Note, ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { type Check, checksOf } from './command.ts';
import type { Options } from './stage.ts';
import { variants } from './variants.ts';

const VERIFIED = /^Verified OK$/;

const REFUSED = /^(?:main\.go:\d+: )?error during command execution: (.*)$/;

const KNOWN = /^(?:WARNING: |Verified OK|Error: |Using payload from: |Verif)/;

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => {
    const options = context.options;
    const text = raw.report === undefined ? undefined : `${raw.report}${context.log.stderr}`;
    return readCosign(text, checksOf(options), options.artifacts !== undefined, context);
  },
};

/**
 * What `cosign verify-blob` says, check after check: each ends in one line, `Verified OK` or its error. Text of a hostile
 * bundle in an error can only add lines; then they are more than the checks, and none of it is believed.
 */
function readCosign(
  text: string | undefined,
  checks: readonly Check[],
  named: boolean,
  context: ParseContext,
): ParseOutcome {
  if (text === undefined) return { ok: false, failure: { reason: 'report-missing', output: 'report' } };
  if (text.trim() === '') return { ok: false, failure: { reason: 'report-empty', output: 'report' } };
  const ends = text.split('\n').flatMap((line): { readonly error: string | undefined }[] => {
    if (VERIFIED.test(line)) return [{ error: undefined }];
    const refused = REFUSED.exec(line);
    return refused === null ? [] : [{ error: refused[1] ?? '' }];
  });
  if (ends.length !== checks.length) {
    const detail = `${ends.length} results of ${checks.length} checks`;
    return KNOWN.test(text)
      ? { ok: false, failure: { reason: 'report-malformed', output: 'report', detail } }
      : {
          ok: false,
          failure: { reason: 'report-schema', output: 'report', detail: `not output of Cosign: ${detail}` },
        };
  }
  const findings: ParsedFinding[] = [];
  const notes: Note[] = [];
  let examined = 0;
  for (const [index, check] of checks.entries()) {
    const error = ends[index]?.error;
    const absent =
      error === undefined ? undefined : /^open (.+): no such file or directory$/.exec(error)?.[1];
    // The files that a manifest names must be there; those of the convention need not.
    if (absent !== undefined && !named) {
      notes.push({ message: `not checked: ${check.blob} with ${check.bundle}, ${absent} is missing` });
      continue;
    }
    examined += 1;
    if (error === undefined) continue;
    const rule = absent === undefined ? ruleOf(error) : absent === check.blob ? 'blob-missing' : 'unsigned';
    const path = context.relative(check.blob);
    findings.push({
      kind: 'other',
      rule: { id: rule },
      message: oneLine(`${check.blob} does not verify with ${check.bundle}: ${error}`),
      toolLevel: rule,
      ...locationOf(path),
    });
  }
  const evidence = named
    ? 'results of the checks in the log'
    : 'checksums.txt.sigstore.json is missing: name the files to verify in the artifacts option';
  return { ok: true, findings, notes, examined: { count: examined, unit: 'files', evidence } };
}

function ruleOf(error: string): string {
  if (/invalid signature|could not verify (?:message|envelope)|accepted signatures/.test(error))
    return 'signature-invalid';
  if (/digest|subject|hash/i.test(error)) return 'digest-mismatch';
  if (/identit|issuer|SAN\b|certificate|key signature/i.test(error)) return 'identity-mismatch';
  if (/log entries|log inclusion|timestamp/.test(error)) return 'not-logged';
  if (/^(?:proto|unmarshal|invalid bundle|error unmarshal|validating bundle)/.test(error))
    return 'bundle-malformed';
  return 'not-verified';
}
