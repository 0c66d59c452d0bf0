import { z } from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { ReportVariant } from '../contract/report.ts';
import { bundleSchema, signaturesOf } from '../families/attestation/attestation.ts';
import { ownSignature } from '../families/attestation/bundle-check.ts';
import { jsonVariant } from '../formats/variants.ts';

const verified = z.array(
  z.object({
    critical: z.object({
      type: z.string(),
      image: z.object({ 'docker-manifest-digest': z.string() }),
    }),
  }),
);

function finding(rule: string, message: string): ParsedFinding {
  return { kind: 'other', rule: { id: rule }, message, toolLevel: rule };
}

/** What Cosign prints of an image that verified, and the bundles that it writes: read for what they hold against themselves. */
export const variants: readonly ReportVariant[] = [
  jsonVariant('JSON of cosign verify', verified.min(1), (signatures) => ({
    findings: [],
    notes: [{ message: `${signatures.length} signatures that Cosign verified` }],
  })),
  jsonVariant('Sigstore bundle', bundleSchema, (bundle) => {
    const { dsseEnvelope, messageSignature } = bundle;
    const signed = messageSignature
      ? messageSignature.signature !== ''
      : dsseEnvelope !== undefined && dsseEnvelope !== null && signaturesOf(dsseEnvelope) > 0;
    if (!signed) return { findings: [finding('unsigned', 'the bundle holds no signature')] };
    if (ownSignature(bundle) === 'broken')
      return {
        findings: [
          finding('signature-invalid', 'the signature does not match the certificate in the bundle'),
        ],
      };
    return { findings: [], notes: [{ message: 'who signed it, and what, is not verified here' }] };
  }),
];
