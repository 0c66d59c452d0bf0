import { z } from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { ReportVariant } from '../contract/report.ts';
import { bundleSchema } from '../families/attestation/attestation.ts';
import { inclusionHolds } from '../families/attestation/bundle-check.ts';
import { jsonVariant, type Read } from '../formats/variants.ts';

const proposed = z.object({
  apiVersion: z.string(),
  kind: z.string().min(1),
  spec: z.record(z.string(), z.unknown()),
});

function finding(rule: string, message: string): ParsedFinding {
  return { kind: 'other', rule: { id: rule }, message, toolLevel: rule };
}

/** Proofs of entries, reckoned anew: that they lead to the root they name, not who signed that root. */
function proofs(entries: readonly unknown[]): Read {
  const held = entries.map(inclusionHolds);
  return {
    findings: held.some((holds) => holds === false)
      ? [
          finding(
            'inclusion-proof-invalid',
            "the entry's inclusion proof does not lead to the root that it names",
          ),
        ]
      : [],
    notes: [
      {
        message: held.includes(undefined)
          ? 'an entry without an inclusion proof: its signed timestamp is not verified here'
          : "the log's signature is not verified here",
      },
    ],
  };
}

/** What is written for the log or taken from it, read for what it proves by itself. */
export const variants: readonly ReportVariant[] = [
  jsonVariant('Sigstore bundle', bundleSchema, ({ verificationMaterial: { tlogEntries } }) =>
    tlogEntries && tlogEntries.length > 0
      ? proofs(tlogEntries)
      : { findings: [finding('not-in-log', 'the bundle holds no entry of a transparency log')] },
  ),
  jsonVariant('proposed entry', proposed, ({ kind }) => ({
    findings: [],
    notes: [{ message: `a proposed entry (${kind.slice(0, 40)}): no proof that a log contains it` }],
  })),
];
