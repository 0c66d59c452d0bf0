import { type CodeEntry, entry } from './code-entry.ts';

/** SP6xxx: bundles, goldens, statements, signatures. */
export const EVIDENCE_CODES = {
  SP6001: entry('error', 'bundle not found', 'No bundle is at the place named.'),
  SP6002: entry('error', 'bundle damaged', 'A file of the bundle is missing or does not match its checksum.'),
  SP6003: entry('error', 'golden mismatch', 'The bundle differs from its golden.'),
  SP6004: entry(
    'error',
    'partial run is never golden',
    'The run was partial or incomplete; a golden is made from whole runs only.',
  ),
  SP6005: entry(
    'error',
    'evidence required and not signed',
    '`evidence.required` is true and `evidence.sign` names no way to sign. Nothing was started.',
  ),
  SP6006: entry(
    'error',
    'signing key unusable',
    'The secret is no private key that secplan signs with (EC P-256 or Ed25519, as PKCS#8, SEC 1 or cosign key), or its password is missing or wrong. Nothing was started.',
  ),
  SP6007: entry(
    'error',
    'signing failed',
    'The statement could not be signed, or its entry in the transparency log could not be made. The bundle is there, unsigned, and says so in attestation.unsigned.json; the run ends with exit code 3 unless a budget failed it.',
  ),
  SP6008: entry(
    'error',
    'signing needs the network',
    '--offline forbids the network and evidence.sign.keyless or evidence.rekor need it. Nothing was started.',
  ),
  SP6009: entry(
    'error',
    'signing command unusable',
    'The program of evidence.sign.command is not found, or lies in the scanned tree, where whoever changes the sources could change it. Nothing was started.',
  ),
  SP6010: entry(
    'error',
    'layout of the bundle',
    'A file that every bundle has is missing, or something lies in it that no bundle has: a link, a device, a file too large.',
  ),
  SP6011: entry(
    'error',
    'checksum does not match',
    'A file is not the one that checksums.txt lists, is not listed, or is listed and not there.',
  ),
  SP6012: entry('error', 'document breaks its schema', 'A document of the bundle is not of its own schema.'),
  SP6013: entry(
    'error',
    'not signed',
    'The plan asks for a signature, or one was to be checked, and the bundle has none.',
  ),
  SP6014: entry(
    'error',
    'signature does not verify',
    'The signature is not of this statement, not by this key or identity, or not of a form that is known.',
  ),
  SP6015: entry(
    'error',
    'subjects differ',
    'The statement was made about other files: one was added, removed, renamed or changed since.',
  ),
  SP6016: entry(
    'error',
    'plan differs',
    "The plan's digest is not that of its content, of the statement, or of the plan given.",
  ),
  SP6017: entry(
    'error',
    'policy differs',
    "The policy's digest is not that of the plan, of the statement, or of the policy given.",
  ),
  SP6018: entry(
    'error',
    'verdict does not follow',
    "The bundle's own findings, coverage and policy give another verdict than the one that stands in it.",
  ),
  SP6019: entry(
    'error',
    'expired waiver used',
    'The verdict counts on a waiver that had expired when the run was made.',
  ),
  SP6020: entry(
    'error',
    'statement unusable',
    'A statement is missing, is none, or contradicts the other one or the bundle.',
  ),
  SP6021: entry(
    'error',
    'verification material unusable',
    'The public key, trusted root, plan or policy given to check against cannot be read.',
  ),
  SP6022: entry(
    'error',
    'transparency log without a key',
    'An entry of the transparency log needs a signature and the public key or certificate that it verifies with.',
  ),
} as const satisfies Record<string, CodeEntry>;
