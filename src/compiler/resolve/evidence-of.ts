import type { Evidence, Manifest } from '../manifest.gen.ts';
import type { EvidenceModel, SignerSpec } from '../model/model.ts';
import type { Reporter } from '../source/reporter.ts';

/** How a manifest wants its evidence; the schema has seen to it that `sign` names exactly one way. */
export function evidenceOf({ sign, rekor, required }: Evidence): EvidenceModel {
  return { sign: signerOf(sign), rekor: rekor ?? null, required: required ?? false };
}

function signerOf(sign: Evidence['sign']): SignerSpec | null {
  if (sign === undefined) return null;
  const { key, password, command, fulcio, identity } = sign;
  if (key !== undefined) return { method: 'key', key, ...(password === undefined ? {} : { password }) };
  if (command !== undefined) return { method: 'command', command };
  return {
    method: 'keyless',
    ...(fulcio === undefined ? {} : { fulcio }),
    ...(identity === undefined ? {} : { identity }),
  };
}

/**
 * Required evidence that nothing signs (SP6005) or that goes nowhere (SP6060), and a log entry that could not be made
 * (SP6022). A message is not a delivery: its receiver does not have the evidence.
 */
export function checkEvidence({ evidence = {}, delivery }: Manifest, out: Reporter): void {
  const { sign, rekor, required } = evidence;
  if (required && sign === undefined) {
    out.report('SP6005', '/evidence/required', 'evidence is required, but no signer is configured', {
      help: 'Name a key, a command or keyless in evidence.sign.',
    });
  }
  if (required && !hasTarget(delivery)) {
    out.report('SP6060', '/evidence/required', 'evidence is required, but no delivery is configured', {
      help: 'Name a bucket, a repository or an index in delivery.',
    });
  }
  for (const [pointer, url] of [
    ['/evidence/rekor', rekor],
    ['/evidence/sign/fulcio', sign?.fulcio],
  ] as const) {
    if (url !== undefined && !URL.canParse(url))
      out.report('SP2005', pointer, 'it is not a valid address', { value: url });
  }
  if (rekor === undefined && sign?.keyless) {
    out.report('SP3082', '/evidence/sign/keyless', 'nothing proves the signing time', {
      help: 'Name a transparency log in evidence.rekor, for example https://rekor.sigstore.dev.',
    });
  }
  if (rekor === undefined || sign?.key !== undefined || sign?.keyless) return;
  const why = sign === undefined ? 'nothing is signed' : 'a signing command does not provide its public key';
  out.report('SP6022', '/evidence/rekor', `secplan cannot create a transparency log entry: ${why}`, {
    help: 'The log needs a signature and the public key or certificate it verifies with.',
  });
}

function hasTarget({ s3 = [], github, opensearch }: NonNullable<Manifest['delivery']> = {}): boolean {
  return s3.length > 0 || github !== undefined || opensearch !== undefined;
}
