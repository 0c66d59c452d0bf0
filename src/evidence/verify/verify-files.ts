import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { readPlan } from '../../planner/plan-file/plan-file.ts';
import type { Verdict } from '../../policy/verdict.ts';
import type { Summary } from '../bundle/summary.ts';
import type { ArtifactValidator } from '../golden/validate-artifact.ts';
import { STATEMENTS, type Statement } from '../statement/statement.ts';
import { checkChecksums, checkLayout, checkLinks, checkSubjects } from './check-files.ts';
import type { Trust } from './check-signature.ts';
import { type Claims, checkStatements, checkWaivers, type ProvenancePredicate } from './check-statements.ts';
import { readDocuments } from './read-documents.ts';
import { documentBytes, hashOf, listBundle } from './read-safely.ts';
import { type SignatureState, verifySignatures } from './verify-signatures.ts';

/** What was checked, what was found wrong, and what could not be looked at. */
export interface FilesVerified {
  readonly signature: SignatureState;
  readonly checked: readonly string[];
  readonly failures: readonly Diagnostic[];
  readonly notChecked: readonly string[];
  /** Absent where the documents could not be read. */
  readonly content?: { readonly plan: Plan; readonly verdict: Verdict; readonly startedAt: string };
}

/** One thing that was held against another, with what was found wrong. */
interface Step {
  readonly what: string;
  readonly found: readonly Diagnostic[];
}

/**
 * Holds a bundle's files against its checksums, schemas, statements and signatures. Offline; nothing of the bundle is
 * trusted, followed or run.
 */
export async function verifyFiles(
  dir: string,
  validator: ArtifactValidator,
  trust: Trust | null,
): Promise<FilesVerified> {
  const { files, problems } = await listBundle(dir);
  if (problems.length > 0) {
    const failures = problems.map((problem) => diagnostic('SP6010', problem));
    return {
      signature: 'not-checked',
      checked: [],
      failures,
      notChecked: ['everything else: the folder is not safe to read'],
    };
  }
  const bytesOf = (path: string) => documentBytes(dir, path, files.get(path) ?? 0);
  const hashes = await hashesOf(dir, files);
  const fileSteps = [
    { what: `layout: ${files.size} files`, found: checkLayout(files.keys()) },
    ...checksumSteps(await bytesOf('checksums.txt'), hashes),
  ];
  const { documents, notes, ...read } = await readDocuments({ files, bytesOf }, validator);
  const steps: Step[] = [...fileSteps, { what: 'documents against their schemas', found: read.failures }];
  const plan = readPlan((await bytesOf('plan.json'))?.toString('utf8') ?? '');
  if (!plan.ok) steps.push({ what: 'plan digest', found: [planFault(plan.diagnostics)] });
  const claims = plan.ok ? claimsOf(plan.value, documents, hashes) : undefined;
  if (claims === undefined) {
    const rest = 'statements and signatures: documents are missing or broken';
    return { signature: 'not-checked', ...sumOf(steps), notChecked: [...notes, rest] };
  }
  const { startedOn } = (claims.provenance.predicate as ProvenancePredicate).runDetails.metadata;
  const content = { plan: claims.plan, verdict: claims.verdict, startedAt: startedOn };
  const { checked, failures } = sumOf([...steps, ...claimSteps(claims, hashes)]);
  const signatures = await verifySignatures({ files, bytesOf, documents, plan: claims.plan }, trust);
  return {
    signature: signatures.state,
    checked: [...checked, ...signatures.checked],
    failures: [...failures, ...signatures.failures],
    notChecked: [...notes, ...signatures.notChecked],
    content,
  };
}

/** What was checked is what nothing was found wrong with. */
function sumOf(steps: readonly Step[]): Pick<FilesVerified, 'checked' | 'failures'> {
  return {
    checked: steps.filter(({ found }) => found.length === 0).map(({ what }) => what),
    failures: steps.flatMap(({ found }) => found),
  };
}

async function hashesOf(dir: string, files: ReadonlyMap<string, number>): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const [path, bytes] of files) hashes.set(path, (await hashOf(dir, path, bytes)) ?? 'unreadable');
  return hashes;
}

/** None where the checksums cannot be read: that they are not there is a fault of the layout. */
function checksumSteps(checksums: Buffer | undefined, hashes: ReadonlyMap<string, string>): readonly Step[] {
  if (checksums === undefined) return [];
  return [{ what: 'checksums of every file', found: checkChecksums(checksums.toString('utf8'), hashes) }];
}

function planFault([first]: readonly Diagnostic[]): Diagnostic {
  return diagnostic('SP6016', `plan.json: ${first?.summary ?? 'it is not a plan'}`);
}

/** What statements and documents say; undefined where one of them is missing or broken. */
function claimsOf(
  plan: Plan,
  documents: ReadonlyMap<string, unknown>,
  hashes: ReadonlyMap<string, string>,
): Claims | undefined {
  const [provenance, vsa, verdict, summary, manifestInfo] = [
    STATEMENTS.provenance.file,
    STATEMENTS.verdict.file,
    'verdict.json',
    'summary.json',
    'manifest-info.json',
  ].map((path) => documents.get(path));
  if (!provenance || !vsa || !verdict || !summary || !manifestInfo) return undefined;
  return {
    provenance: provenance as Statement,
    vsa: vsa as Statement,
    plan,
    verdict: verdict as Verdict,
    summary: summary as Summary,
    manifestInfo,
    provenanceSha256: hashes.get(STATEMENTS.provenance.file) ?? '',
  };
}

function claimSteps(claims: Claims, hashes: ReadonlyMap<string, string>): readonly Step[] {
  const { plan, provenance, vsa, verdict } = claims;
  const { metadata, byproducts } = (provenance.predicate as ProvenancePredicate).runDetails;
  const subjects = (file: string, statement: Statement): Step => ({
    what: `subjects of ${file}`,
    found: checkSubjects(file, statement, hashes),
  });
  return [
    { what: `plan digest ${plan.planDigest}`, found: [] },
    subjects(STATEMENTS.provenance.file, provenance),
    subjects(STATEMENTS.verdict.file, vsa),
    { what: 'links of the stages', found: checkLinks(byproducts, hashes) },
    { what: 'plan, policy and verdict of the statements', found: checkStatements(claims) },
    { what: 'waivers used', found: checkWaivers(verdict, metadata.startedOn) },
  ];
}
