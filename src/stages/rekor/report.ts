import * as z from 'zod';
import type { Failure } from '../../core/failure.ts';
import type { ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import type { Options } from './stage.ts';
import { variants } from './variants.ts';

const log = z.object({ ActiveTreeSize: z.number(), RootHash: z.string().min(1) });

const entry = z.object({ EntryUUID: z.string().min(1), Index: z.number(), RootHash: z.string().min(1) });

/** What it prints about the log, for every result. */
const TOLD =
  /^(?:Validating inactive shards\.\.\.|Successfully validated inactive shards|No previous log state stored, unable to prove consistency)\n/gm;

/** Its words, the first that hold. A signature that is no DER (base64 text, say) is a mistake and no finding. */
const RULES = [
  ['not-in-log', /^entry in log cannot be located/m],
  [
    'signature-invalid',
    /^error: error retrieving external entities: invalid signature when validating ASN\.1 /m,
  ],
  ['inclusion-proof-invalid', /^validating entry: (?:calculated root|verifying inclusion)/m],
  [
    'entry-invalid',
    /^(?:validating entry|multiple entries returned|entry body hash does not match|(?:unexpected|returned) entry )/m,
  ],
] as const;

const MESSAGES = {
  'not-in-log': (artifact: string) => `${artifact} is not in the transparency log with this signature`,
  'signature-invalid': (artifact: string) => `this key did not sign ${artifact}`,
  'inclusion-proof-invalid': (artifact: string) =>
    `the log's proof that it holds ${artifact} does not verify`,
  'entry-invalid': (artifact: string) => `the log's entry of ${artifact} does not verify`,
};

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => readRekor({ log: raw.log, entry: raw.entry }, context.options.artifact, context),
};

/**
 * What `rekor-cli loginfo` and `rekor-cli verify` say: the log as it is, then the entry with its proof, or an error on
 * standard error. An error that speaks of no entry (the network, a file that is not there) is no finding.
 */
function readRekor(
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
  const said = context.log.stderr.replace(TOLD, '');
  const rule = RULES.find(([, words]) => words.test(said))?.[0];
  if (rule === undefined) {
    const words = said.trim();
    if (words === '')
      return { ok: true, findings: [], notes: [], examined: { count: 0, unit: 'files', evidence } };
    const failure: Failure = { reason: 'error-text', text: oneLine(words.slice(-300)) };
    return { ok: false, failure };
  }
  const path = context.relative(artifact);
  return {
    ok: true,
    findings: [
      {
        kind: 'other',
        rule: { id: rule },
        message: oneLine(MESSAGES[rule](artifact)),
        toolLevel: rule,
        ...locationOf(path),
      },
    ],
    notes: [],
    examined: { count: 1, unit: 'files', evidence },
  };
}
