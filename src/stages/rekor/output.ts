import { z } from 'zod';
import type { Failure } from '../../core/failure.ts';
import type { ParseContext, ParseOutcome } from '../contract.ts';
import { readJsonReport } from '../json-report.ts';
import { oneLine } from '../sarif.ts';

const log = z.object({ ActiveTreeSize: z.number(), RootHash: z.string().min(1) });
const entry = z.object({ EntryUUID: z.string().min(1), Index: z.number(), RootHash: z.string().min(1) });

/**
 * What `rekor-cli loginfo` and `rekor-cli verify` say: the log as it is, then the entry with its proof, or an error on
 * standard error. An error that speaks of no entry (the network, a file that is not there) is no finding.
 */
export function readRekor(
  raw: { readonly log?: string | undefined; readonly entry?: string | undefined },
  artifact: string,
  context: ParseContext,
): ParseOutcome {
  const answered = readJsonReport('log', raw.log, log);
  if (!answered.ok) return answered;
  const evidence = 'the entry of the artifact in the log';
  if ((raw.entry ?? '').trim() !== '') {
    const found = readJsonReport('entry', raw.entry, entry);
    if (!found.ok) return found;
    return { ok: true, findings: [], notes: [], examined: { count: 1, unit: 'files', evidence } };
  }
  const said = context.log.stderr;
  const rule = /entry in log cannot be located/.test(said)
    ? 'not-in-log'
    : /validating entry|verifying (?:inclusion|signedEntryTimestamp|checkpoint)|entry (?:UUIDs?|returned)/.test(
          said,
        )
      ? 'entry-invalid'
      : undefined;
  if (rule === undefined) {
    const words = said.trim();
    if (words === '')
      return { ok: true, findings: [], notes: [], examined: { count: 0, unit: 'files', evidence } };
    const failure: Failure = { reason: 'error-text', text: oneLine(words.slice(-300)) };
    return { ok: false, failure };
  }
  const path = context.relative(artifact);
  const message =
    rule === 'not-in-log'
      ? `${artifact} is not in the transparency log with this signature`
      : `the log's entry of ${artifact} does not verify`;
  return {
    ok: true,
    findings: [
      {
        kind: 'other',
        rule: { id: rule },
        message: oneLine(message),
        toolLevel: rule,
        ...(path === undefined ? {} : { span: { path } }),
      },
    ],
    notes: [],
    examined: { count: 1, unit: 'files', evidence },
  };
}
