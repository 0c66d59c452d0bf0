import type { Failure } from '../../core/failure.ts';
import type { Finding } from '../../core/finding.ts';
import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import type { StageResult } from '../stage-result.ts';

/** Takes secrets out of the free text of a result. Ids, paths and numbers stay: identities must not change. */
export function redactResult(result: StageResult, redactor: PublishRedactor): StageResult {
  switch (result.state) {
    case 'done':
      return {
        ...result,
        findings: result.findings.map((finding) => redactFinding(finding, redactor)),
        notes: result.notes.map((note) => ({ ...note, message: redactor.text(note.message) })),
      };
    case 'incomplete':
      return { ...result, failure: redactFailure(result.failure, redactor) };
    default:
      return { ...result, evidence: redactor.text(result.evidence) };
  }
}

function redactFinding(finding: Finding, redactor: PublishRedactor): Finding {
  const message = redactor.text(finding.message);
  const accounts = finding.accounts.map((account) => {
    const own = redactor.text(account.message);
    return own === account.message ? account : { ...account, message: own };
  });
  return { ...finding, message, accounts };
}

function redactFailure(failure: Failure, redactor: PublishRedactor): Failure {
  const texts = Object.entries(failure).map(([key, value]) => [
    key,
    typeof value === 'string' && key !== 'reason' ? redactor.text(value) : value,
  ]);
  return Object.fromEntries(texts) as Failure;
}
