import { type CodeEntry, entry } from './code-entry.ts';

/** SP6xxx: bundles, goldens, statements, signatures. */
export const EVIDENCE_CODES = {
  SP6001: entry('error', 'bundle not found', 'No bundle exists at this path.'),
  SP6002: entry('error', 'bundle damaged', 'A file of the bundle is missing or does not match its checksum.'),
  SP6003: entry('error', 'golden mismatch', 'The bundle differs from its golden.'),
  SP6004: entry(
    'error',
    'partial run is never golden',
    'The run was partial or incomplete. Only a complete run can become a golden.',
  ),
  SP6005: entry(
    'error',
    'evidence is required and not signed',
    '`evidence.required` is true and `evidence.sign` configures no signer. No scanner was started.',
  ),
  SP6006: entry(
    'error',
    'signing key unusable',
    'The secret is not a private key that secplan can sign with (EC P-256 or Ed25519, as PKCS#8, SEC 1 or cosign key), or its password is missing or wrong. No scanner was started.',
  ),
  SP6007: entry(
    'error',
    'signing failed',
    'The statement could not be signed, or the transparency log did not accept it. The bundle was written without a signature and records this in attestation.unsigned.json. The exit code is 3 unless a budget is exceeded.',
  ),
  SP6008: entry(
    'error',
    'signing needs the network',
    '--offline forbids the network, but evidence.sign.keyless or evidence.rekor needs it. No scanner was started.',
  ),
  SP6009: entry(
    'error',
    'signing command unusable',
    'The program of evidence.sign.command is not found, or is inside the scanned tree, where a change under review could replace it. No scanner was started.',
  ),
  SP6010: entry(
    'error',
    'wrong bundle layout',
    'A required file is missing, or the bundle contains something that no bundle may contain: a link, a device, or a file that is too large.',
  ),
  SP6011: entry(
    'error',
    'checksum does not match',
    'A file does not match its checksum in checksums.txt, is not listed there, or is listed but missing.',
  ),
  SP6012: entry(
    'error',
    'document violates its schema',
    'A document of the bundle does not conform to its schema.',
  ),
  SP6013: entry(
    'error',
    'not signed',
    'The plan requires a signature, or you asked to check one, and the bundle has none.',
  ),
  SP6014: entry(
    'error',
    'signature does not verify',
    'The signature does not belong to this statement, to this key or identity, or has an unknown format.',
  ),
  SP6015: entry(
    'error',
    'subjects differ',
    'The files differ from those in the statement: one was added, removed, renamed or changed after signing.',
  ),
  SP6016: entry(
    'error',
    'plan differs',
    "The plan's digest does not match its content, the statement, or the given plan.",
  ),
  SP6017: entry(
    'error',
    'policy differs',
    "The policy's digest does not match the plan, the statement, or the given policy.",
  ),
  SP6018: entry(
    'error',
    'verdict does not match the evidence',
    'The findings, coverage and policy in the bundle give a different verdict from the one recorded in it.',
  ),
  SP6019: entry(
    'error',
    'expired waiver used',
    'The verdict depends on a waiver that had expired when the run took place.',
  ),
  SP6020: entry(
    'error',
    'statement unusable',
    'A statement is missing, is not a statement, or contradicts the other statement or the bundle.',
  ),
  SP6021: entry(
    'error',
    'verification material unusable',
    'secplan cannot read the given public key, trusted root, plan or policy.',
  ),
  SP6022: entry(
    'error',
    'transparency log without a key',
    'An entry of the transparency log needs a signature and the public key or certificate that it verifies with.',
  ),
} as const satisfies Record<string, CodeEntry>;
