import type { ParsedFinding } from '../../core/finding.ts';
import type { ParseContext, ParseOutcome } from '../contract/report.ts';
import { type JunitFailure, readJunitReport } from '../formats/junit-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';

/** JUnit XML: a failed test is a finding, one that could not be carried out too: it proves nothing clean. */
export function readJunit(report: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJunitReport('junit', report);
  if (!read.ok) return read;
  const { failures, notes, ran } = read.value;
  return {
    ok: true,
    findings: failures.map((item) => toFinding(item, context)),
    notes,
    examined: { count: ran, unit: 'rules', evidence: 'testcase elements that ran' },
  };
}

function toFinding({ level, test, message, file, line }: JunitFailure, context: ParseContext): ParsedFinding {
  return {
    kind: 'other',
    rule: { id: oneLine(test) },
    message: oneLine(message ?? `${test}: ${level}`),
    toolLevel: level,
    ...locationOf(file === undefined ? undefined : context.relative(file), { startLine: line }),
  };
}
