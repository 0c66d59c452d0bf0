import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { readPlan } from '../../planner/plan-file/plan-file.ts';
import type { Verdict } from '../../policy/verdict.ts';
import type { Summary } from '../bundle/summary.ts';
import { type ArtifactValidator, schemaOf } from '../golden/validate-artifact.ts';
import { STATEMENTS, type Statement, UNSIGNED_NOTE } from '../statement/statement.ts';
import { checkChecksums, checkLayout, checkLinks, checkSubjects } from './check-files.ts';
import { checkSignature, type Trust } from './check-signature.ts';
import { checkStatements, checkWaivers, type ProvenancePredicate } from './check-statements.ts';
import { documentBytes, hashOf, listBundle } from './read-safely.ts';

/** What was checked, what was found wrong, and what could not be looked at. */
export interface FilesVerified {
  readonly checked: readonly string[];
  readonly failures: readonly Diagnostic[];
  readonly notChecked: readonly string[];
  /** Absent where the documents could not be read. */
  readonly content?: { readonly plan: Plan; readonly verdict: Verdict; readonly startedAt: string };
}

/**
 * Holds a bundle's files against its checksums, schemas, statements and signatures. Offline; nothing of the bundle is
 * trusted, followed or run. @throws the file system's errors on the folder itself
 */
export async function verifyFiles(
  dir: string,
  validator: ArtifactValidator,
  trust: Trust | null,
): Promise<FilesVerified> {
  const { files, problems } = await listBundle(dir);
  const checked: string[] = [];
  const failures: Diagnostic[] = problems.map((problem) => diagnostic('SP6010', problem));
  if (failures.length > 0)
    return { checked, failures, notChecked: ['everything else: the folder is not safe to read'] };
  const step = (what: string, found: readonly Diagnostic[]): void => {
    failures.push(...found);
    if (found.length === 0) checked.push(what);
  };
  step(`layout: ${files.size} files`, checkLayout(files.keys()));
  const hashes = new Map<string, string>();
  for (const [path, bytes] of files) hashes.set(path, (await hashOf(dir, path, bytes)) ?? 'unreadable');
  const documents = new Map<string, unknown>();
  const notes: string[] = [];
  const bytesOf = (path: string) => documentBytes(dir, path, files.get(path) ?? 0);
  const checksums = await bytesOf('checksums.txt');
  if (checksums !== undefined)
    step('checksums of every file', checkChecksums(checksums.toString('utf8'), hashes));
  step(
    'documents against their schemas',
    await readDocuments(files.keys(), bytesOf, validator, documents, notes),
  );
  const [provenance, vsa, verdict, summary, manifestInfo] = [
    STATEMENTS.provenance.file,
    STATEMENTS.verdict.file,
    'verdict.json',
    'summary.json',
    'manifest-info.json',
  ].map((path) => documents.get(path));
  const planBytes = await bytesOf('plan.json');
  const plan = readPlan(planBytes?.toString('utf8') ?? '');
  if (!plan.ok) {
    const why = plan.diagnostics[0]?.summary ?? 'it is not a plan';
    failures.push(diagnostic('SP6016', `plan.json: ${why}`));
  }
  if (!plan.ok || !provenance || !vsa || !verdict || !summary || !manifestInfo) {
    return {
      checked,
      failures,
      notChecked: [...notes, 'statements and signatures: documents are missing or broken'],
    };
  }
  checked.push(`plan digest ${plan.value.planDigest}`);
  const statements = { provenance: provenance as Statement, vsa: vsa as Statement };
  for (const [name, { file }] of [
    ['provenance', STATEMENTS.provenance],
    ['vsa', STATEMENTS.verdict],
  ] as const)
    step(`subjects of ${file}`, checkSubjects(file, statements[name], hashes));
  const predicate = statements.provenance.predicate as ProvenancePredicate;
  step('links of the stages', checkLinks(predicate.runDetails.byproducts, hashes));
  const claims = {
    ...statements,
    plan: plan.value,
    verdict: verdict as Verdict,
    summary: summary as Summary,
    manifestInfo,
    provenanceSha256: hashes.get(STATEMENTS.provenance.file) ?? '',
  };
  step('plan, policy and verdict of the statements', checkStatements(claims));
  const { startedOn } = predicate.runDetails.metadata;
  step('waivers used', checkWaivers(claims.verdict, startedOn));
  const signatures = await verifySignatures(plan.value, files, documents, bytesOf, trust);
  failures.push(...signatures.failures);
  checked.push(...signatures.checked);
  return {
    checked,
    failures,
    notChecked: [...notes, ...signatures.notChecked],
    content: { plan: plan.value, verdict: claims.verdict, startedAt: startedOn },
  };
}

/** Bills of materials are as their tools wrote them; the statement vouches for the bytes, not for the tool's form. */
const TOOLS_OWN = /^sbom\//;

async function readDocuments(
  paths: Iterable<string>,
  bytesOf: (path: string) => Promise<Buffer | undefined>,
  validator: ArtifactValidator,
  documents: Map<string, unknown>,
  notes: string[],
): Promise<readonly Diagnostic[]> {
  const failures: Diagnostic[] = [];
  for (const path of paths) {
    if (!/\.(json|sarif|link)$/.test(path)) continue;
    const own = !path.endsWith('.raw.json') && !path.endsWith('.raw.sarif');
    const bytes = await bytesOf(path);
    if (bytes === undefined) {
      failures.push(diagnostic('SP6010', `${path} is too large, or changed while secplan read it`));
      continue;
    }
    let value: unknown;
    try {
      value = JSON.parse(bytes.toString('utf8'));
    } catch {
      // A tool's own report is what the tool left: its form is not the bundle's promise.
      if (own) failures.push(diagnostic('SP6012', `${path} is not JSON`));
      continue;
    }
    const schema = schemaOf(path, value);
    const fault = schema === null || !own ? undefined : validator.check(schema, value);
    if (fault !== undefined && TOOLS_OWN.test(path)) {
      notes.push(`${path} violates its schema (${fault.slice(0, 200)}), as its tool left it`);
      continue;
    }
    if (fault !== undefined) failures.push(diagnostic('SP6012', `${path}: ${fault.slice(0, 300)}`));
    else if (!path.includes('/')) documents.set(path, value);
  }
  return failures;
}

async function verifySignatures(
  plan: Plan,
  files: ReadonlyMap<string, number>,
  documents: ReadonlyMap<string, unknown>,
  bytesOf: (path: string) => Promise<Buffer | undefined>,
  trust: Trust | null,
): Promise<Omit<FilesVerified, 'content'>> {
  const [checked, notChecked]: [string[], string[]] = [[], []];
  const failures: Diagnostic[] = [];
  const planned = plan.stages.some(({ kind }) => kind === 'sign');
  const there = Object.values(STATEMENTS).filter(({ signature }) => files.has(signature));
  if (there.length < Object.keys(STATEMENTS).length && (planned || trust !== null || there.length > 0)) {
    const note = documents.get(UNSIGNED_NOTE) as { readonly why?: unknown } | undefined;
    const why = typeof note?.why === 'string' ? `: ${note.why}` : '';
    const asked = planned ? 'the plan requires a signature' : 'you asked to check a signature';
    failures.push(diagnostic('SP6013', `${asked} and the bundle lacks one${why}`));
  }
  if (trust === null) {
    notChecked.push(
      there.length === 0
        ? 'who made it: the bundle is not signed'
        : 'signatures: without --key or --trusted-root, anyone could have made this bundle',
    );
    return { checked, failures, notChecked };
  }
  const open = new Set<string>();
  for (const { file, signature } of there) {
    const statement = await bytesOf(file);
    const value = documents.get(signature);
    if (statement === undefined || value === undefined) continue;
    const held = await checkSignature(signature, value, statement, trust);
    if (!held.ok) failures.push(...held.diagnostics);
    else {
      checked.push(`signature of ${file}`);
      for (const what of held.value) open.add(what);
    }
  }
  return { checked, failures, notChecked: [...notChecked, ...open] };
}
