import type { ParsedFinding } from '../../core/finding.ts';
import type { Note, ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { CONVENTION } from './command.ts';
import type { Options } from './stage.ts';
import { variants } from './variants.ts';

const KNOWN = /^(?:Verif|PASSED: |FAILED: )/;

const RESULT = /^Verifying artifact (.+?): (PASSED|FAILED)(?:: (.*))?$/;

const END = /^(?:PASSED: SLSA verification passed|FAILED: SLSA verification failed: .*)$/;

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => {
    const { artifacts, sourceUri } = context.options;
    const read = readSlsaVerifier(raw.report, artifacts ?? CONVENTION, artifacts !== undefined, context);
    if (!read.ok || sourceUri !== undefined) return read;
    const detail = 'the sourceUri option does not say where the artifacts must be built from';
    return { ok: false, failure: { reason: 'requirement-unmet', detail } };
  },
};

/**
 * What `slsa-verifier verify-artifact` says: a line for each artifact, up to the first that fails, and one at the end.
 * A failure to reach Sigstore's root or log says nothing of an artifact and is no finding.
 */
function readSlsaVerifier(
  text: string | undefined,
  artifacts: readonly string[],
  named: boolean,
  context: ParseContext,
): ParseOutcome {
  const output = 'report';
  if (text === undefined) return { ok: false, failure: { reason: 'report-missing', output } };
  if (text.trim() === '') return { ok: false, failure: { reason: 'report-empty', output } };
  const lines = text.split('\n');
  if (!lines.some((line) => END.test(line))) {
    const detail = 'no final result of slsa-verifier';
    return KNOWN.test(text)
      ? { ok: false, failure: { reason: 'report-malformed', output, detail } }
      : { ok: false, failure: { reason: 'report-schema', output, detail } };
  }
  const findings: ParsedFinding[] = [];
  const seen = new Set<string>();
  let absent = 0;
  for (const line of lines) {
    const [, artifact, state, error = ''] = RESULT.exec(line) ?? [];
    if (artifact === undefined || !artifacts.includes(artifact)) continue;
    seen.add(artifact);
    if (state === 'PASSED') continue;
    if (/dial tcp|no such host|TUF|tuf |context deadline|connection refused/.test(error))
      return { ok: false, failure: { reason: 'error-text', text: oneLine(error) } };
    if (!named && /no such file or directory/.test(error)) {
      absent += 1;
      continue;
    }
    findings.push(findingOf(artifact, error, context));
  }
  if (lines.some((line) => line.startsWith('FAILED: ')) && findings.length + absent === 0)
    return {
      ok: false,
      failure: { reason: 'report-malformed', output, detail: 'it failed without naming an artifact' },
    };
  const notes: Note[] = artifacts
    .filter((artifact) => !seen.has(artifact))
    .map((artifact) => ({
      message: oneLine(`${artifact} not checked: slsa-verifier stops at the first failure`),
    }));
  return {
    ok: true,
    findings,
    notes,
    examined: {
      count: seen.size - absent,
      unit: 'files',
      evidence: named
        ? '`Verifying artifact` on standard error'
        : 'checksums.txt or its provenance is missing: name the files to verify in the artifacts option',
    },
  };
}

function findingOf(artifact: string, error: string, context: ParseContext): ParsedFinding {
  const rule = ruleOf(error);
  const path = context.relative(artifact);
  return {
    kind: 'other',
    rule: { id: rule },
    message: oneLine(`${artifact} does not verify: ${error}`),
    toolLevel: rule,
    ...locationOf(path),
  };
}

function ruleOf(error: string): string {
  if (/no such file/.test(error)) return 'provenance-missing';
  if (/reusable workflow|builder/i.test(error)) return 'builder-untrusted';
  if (/does not match provenance subject|hash/.test(error)) return 'digest-mismatch';
  if (/source|branch|tag|workflow input/.test(error)) return 'source-mismatch';
  if (/signature|certificate|rekor|entry/i.test(error)) return 'signature-invalid';
  if (/provenance|dsse|format|json|predicate/i.test(error)) return 'provenance-malformed';
  return 'not-verified';
}
