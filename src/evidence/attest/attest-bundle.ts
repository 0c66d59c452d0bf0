import { canonicalJson } from '../../core/canonical.ts';
import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import type { SignStage } from '../../planner/ir/ir.ts';
import type { BundleWriter } from '../bundle/bundle-writer.ts';
import type { ArtifactEntry, Summary } from '../bundle/summary.ts';
import { linkFile } from '../sign/sign-link.ts';
import { SIGSTORE_MEDIA_TYPE, signStatement } from '../sign/sign-statement.ts';
import { SigningError, type StatementSigner } from '../sign/statement-signer.ts';
import { stageLinks } from '../statement/stage-links.ts';
import {
  isSubject,
  LINKS_FOLDER,
  PROVENANCE_TYPE,
  STATEMENT_MEDIA_TYPE,
  STATEMENTS,
  type Statement,
  SUMMARY_TYPE,
  statementOf,
  UNSIGNED_NOTE,
} from '../statement/statement.ts';
import { verdictSummaryOf } from '../statement/verdict-summary.ts';
import type { BundleInput } from '../write-bundle.ts';
import { provenanceOf } from './provenance.ts';
import type { SignatureState } from './signature-state.ts';

export interface AttestOptions {
  readonly signer: StatementSigner | null;
  readonly rekor: SignStage['rekor'];
  readonly redactor: PublishRedactor;
  readonly signal: AbortSignal;
}

/**
 * Writes the statements about what the bundle holds by now, each stage's link, and their signatures. One that cannot
 * be signed leaves a bundle that says so.
 * @throws the file system's errors, and what an abort throws
 */
export async function attestBundle(
  writer: BundleWriter,
  input: BundleInput,
  summary: Summary,
  options: AttestOptions,
): Promise<SignatureState> {
  const files = writer.artifacts().filter(({ path }) => isSubject(path));
  const attempt = await attest(writer, { ...input, summary, files }, options);
  if (attempt.state !== 'failed') return attempt;
  await writer.json(UNSIGNED_NOTE, {
    schema: 'https://secplan.dev/schema/unsigned/v1',
    signer: attempt.by,
    why: attempt.why,
  });
  return attempt;
}

/** What statements are made of. */
interface AttestInput extends BundleInput {
  readonly summary: Summary;
  /** The files that the statements are about. */
  readonly files: readonly ArtifactEntry[];
}

async function attest(
  writer: BundleWriter,
  input: AttestInput,
  options: AttestOptions,
): Promise<SignatureState> {
  const { signer, rekor, redactor, signal } = options;
  const { plan, results, verdict, startedAt, files } = input;
  let failure: string | undefined;
  const signed = async <T>(make: (signer: StatementSigner) => Promise<T>): Promise<T | undefined> => {
    if (signer === null || failure !== undefined) return undefined;
    try {
      return await make(signer);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SigningError)) throw error;
      failure = redactor.text(error.message);
      return undefined;
    }
  };
  const links: ArtifactEntry[] = [];
  for (const link of stageLinks(plan, results, files)) {
    const text = redactor.text(canonicalJson(link));
    const own =
      (await signed((one) => linkFile(link.name, text, one, signal))) ??
      (await linkFile(link.name, text, null, signal));
    links.push(await writer.write(`${LINKS_FOLDER}${own.name}`, STATEMENT_MEDIA_TYPE, own.text));
  }
  const signatures = new Map<string, string>();
  const write = async (
    { file, signature }: (typeof STATEMENTS)[keyof typeof STATEMENTS],
    statement: Statement,
  ): Promise<ArtifactEntry> => {
    // What is signed is what is written: secrets go first.
    const text = redactor.text(`${JSON.stringify(statement, null, 2)}\n`);
    const entry = await writer.write(file, STATEMENT_MEDIA_TYPE, text);
    const bundle = await signed((one) => signStatement(one, text, rekor, signal));
    if (bundle === undefined) return entry;
    if (redactor.text(bundle) === bundle) signatures.set(signature, bundle);
    else failure = 'the signature contains the value of a declared secret';
    return entry;
  };
  const provenance = await write(
    STATEMENTS.provenance,
    statementOf(files, PROVENANCE_TYPE, provenanceOf({ ...input, links })),
  );
  const { secplan, bundle } = input;
  const result = verdictSummaryOf({ secplan, bundle, plan, verdict, provenance, at: startedAt });
  await write(STATEMENTS.verdict, statementOf(files, SUMMARY_TYPE, result));
  if (signer === null) return { state: 'unsigned' };
  if (failure !== undefined) return { state: 'failed', by: signer.about, why: failure };
  // All or none: half a signature would look like a whole one.
  for (const [path, text] of signatures) await writer.write(path, SIGSTORE_MEDIA_TYPE, text);
  return { state: 'signed', by: signer.about };
}
