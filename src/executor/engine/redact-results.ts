import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Failure } from '../../core/failure.ts';
import type { Finding } from '../../core/finding.ts';
import type { NotRun } from '../../core/not-run.ts';
import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import type { StageResult } from '../stage-result.ts';

/** Findings cleaned between two turns of the event loop, so that signals are obeyed. */
const TURN_FINDINGS = 1000;

/** Takes secrets out of the free text of results. Ids, paths and numbers stay: identities must not change. */
export async function redactResults(
  results: readonly StageResult[],
  redactor: PublishRedactor,
): Promise<readonly StageResult[]> {
  const clean: StageResult[] = [];
  for (const result of results) clean.push(await redactResult(result, redactor));
  return clean;
}

async function redactResult(result: StageResult, redactor: PublishRedactor): Promise<StageResult> {
  switch (result.state) {
    case 'done': {
      const findings: Finding[] = [];
      for (const finding of result.findings) {
        findings.push(redactFinding(finding, redactor));
        if (findings.length % TURN_FINDINGS === 0) await nextTurn();
      }
      const notes = result.notes.map((note) =>
        'message' in note ? { ...note, message: redactor.text(note.message) } : note,
      );
      return { ...result, findings, notes };
    }
    case 'incomplete':
      return { ...result, failure: redactFailure(result.failure, redactor) };
    default:
      return { ...result, why: redactWhy(result.why, redactor) };
  }
}

function redactWhy(why: NotRun, redactor: PublishRedactor): NotRun {
  const redacted = (value: unknown): unknown => {
    if (typeof value === 'string') return redactor.text(value);
    if (Array.isArray(value)) return value.map(redacted);
    if (typeof value !== 'object' || value === null) return value;
    const isName = (key: string) => key === 'kind' || key === 'reason';
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, isName(key) ? item : redacted(item)]),
    );
  };
  return redacted(why) as NotRun;
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
