import { z } from 'zod';
import type { AffectedPackage, ParsedFinding } from '../../core/finding.ts';
import type { ReportVariant } from '../contract/report.ts';
import {
  envelopeSchema,
  type Statement,
  signaturesOf,
  statementIn,
  statementSchema,
} from '../families/attestation/attestation.ts';
import { oneLine } from '../formats/one-line.ts';
import { readPurl } from '../formats/read-purl.ts';
import { jsonVariant } from '../formats/variants.ts';

const signatures = z.array(z.object({ sig: z.string().nullish(), signature: z.string().nullish() }));
const layoutFile = z.object({
  signatures,
  signed: z.object({ _type: z.literal('layout'), steps: z.array(z.unknown()) }),
});
const linkFile = z.object({
  signatures,
  signed: z.object({
    _type: z.literal('link'),
    name: z.string(),
    byproducts: z.object({ 'return-value': z.number().nullish() }).nullish(),
  }),
});

function finding(rule: string, message: string): ParsedFinding {
  return { kind: 'other', rule: { id: rule }, message: oneLine(message), toolLevel: rule };
}

function signedBy(list: z.infer<typeof signatures>): number {
  return list.filter(({ sig, signature }) => (sig ?? signature ?? '') !== '').length;
}

/** in-toto's own files, read for what they say without a key: verifying them needs the key, the links and a run. */
export const variants: readonly ReportVariant[] = [
  jsonVariant('in-toto layout', layoutFile, ({ signatures: list, signed }) => ({
    findings: signedBy(list) > 0 ? [] : [finding('layout-unsigned', 'the layout has no signature')],
    notes: [{ message: `a layout of ${signed.steps.length} steps; its signatures are not verified here` }],
  })),
  jsonVariant('in-toto link', linkFile, ({ signatures: list, signed }) => {
    const value = signed.byproducts?.['return-value'] ?? 0;
    return {
      findings: [
        ...(signedBy(list) > 0 ? [] : [finding('link-unsigned', `the link ${signed.name} has no signature`)]),
        ...(value === 0 ? [] : [finding('step-failed', `the step ${signed.name} ended with ${value}`)]),
      ],
      notes: [{ message: 'the signatures of the link are not verified here' }],
    };
  }),
  jsonVariant('DSSE envelope', envelopeSchema, (envelope) => ({
    findings:
      signaturesOf(envelope) > 0
        ? []
        : [finding('statement-unsigned', `the envelope of ${about(envelope)} has no signature`)],
    notes: [{ message: 'the signatures of the envelope are not verified here' }],
  })),
  jsonVariant('in-toto statement', statementSchema, (statement) => ({
    findings: [
      finding(
        'statement-unsigned',
        `a statement (${statement.predicateType}) without an envelope: it is not signed`,
      ),
      ...vulnerabilitiesIn(statement),
    ],
  })),
];

const vulns = z.object({
  scanner: z.object({
    result: z.array(z.object({ id: z.string().min(1) })),
  }),
});

/** What a statement of the predicate `vulns` says of its first subject, which is a package. */
function vulnerabilitiesIn({ predicateType, predicate, subject }: Statement): ParsedFinding[] {
  if (!predicateType.startsWith('https://in-toto.io/attestation/vulns/')) return [];
  const read = vulns.safeParse(predicate);
  if (!read.success) return [];
  const uri = subject?.[0]?.uri ?? '';
  const found = packageOf(uri);
  return read.data.scanner.result.map(
    ({ id }): ParsedFinding => ({
      kind: 'vulnerability',
      rule: { id },
      message: oneLine(`${id} in ${found?.name ?? 'the subject'}, says the statement`),
      advisories: [id],
      ...(found === undefined ? {} : { package: found }),
    }),
  );
}

function packageOf(uri: string): AffectedPackage | undefined {
  const purl = readPurl(uri);
  if (purl === undefined) return undefined;
  const { namespace, name, version } = purl;
  return {
    name: namespace === undefined ? name : `${namespace}/${name}`,
    ...(version === undefined ? {} : { version }),
    purl: uri,
  };
}

function about(envelope: z.infer<typeof envelopeSchema>): string {
  return statementIn(envelope)?.predicateType ?? envelope.payloadType;
}
