import type { ArtifactEntry } from '../bundle/summary.ts';

export interface GitFacts {
  readonly sha: string;
  readonly dirty: boolean;
}

/** Names of the two statements of a bundle, and of what signs each. */
export const STATEMENTS = {
  provenance: { file: 'attestation.intoto.json', signature: 'attestation.sigstore.json' },
  verdict: { file: 'attestation.vsa.intoto.json', signature: 'attestation.vsa.sigstore.json' },
} as const;

/** Why a bundle that was to be signed is not. */
export const UNSIGNED_NOTE = 'attestation.unsigned.json';
/** Where the stages' link metadata lies. */
export const LINKS_FOLDER = 'attestation.links/';

export const STATEMENT_MEDIA_TYPE = 'application/vnd.in-toto+json';
export const PROVENANCE_TYPE = 'https://slsa.dev/provenance/v1';
export const SUMMARY_TYPE = 'https://slsa.dev/verification_summary/v1';

/** in-toto Statement v1 (in-toto/attestation, spec/v1/statement.md) about files of a bundle. */
export interface Statement {
  readonly _type: 'https://in-toto.io/Statement/v1';
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicateType: string;
  readonly predicate: object;
}

export function statementOf(
  subjects: readonly Pick<ArtifactEntry, 'path' | 'sha256'>[],
  predicateType: string,
  predicate: object,
): Statement {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjects.map(({ path, sha256 }) => ({ name: path, digest: { sha256 } })),
    predicateType,
    predicate,
  };
}

/** Whether a file of a bundle is one that the statements are about: all but themselves and checksums.txt. */
export function isSubject(path: string): boolean {
  return !path.startsWith('attestation.') && path !== 'checksums.txt';
}
