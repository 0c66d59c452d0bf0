import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { STATEMENTS, UNSIGNED_NOTE } from '../statement/statement.ts';
import { checkSignature, type Trust } from './check-signature.ts';
import type { BundleFiles } from './read-safely.ts';

/** Whether every statement's signature was checked and holds; there is none; or it was not checked, or does not hold. */
export type SignatureState = 'verified' | 'none' | 'not-checked';

/** What was checked of the signatures, what was found wrong, and what could not be looked at. */
export interface SignaturesVerified {
  readonly state: SignatureState;
  readonly checked: readonly string[];
  readonly failures: readonly Diagnostic[];
  readonly notChecked: readonly string[];
}

/** A bundle that was read. */
export interface SignedBundle extends BundleFiles {
  readonly plan: Plan;
  /** By name, of the documents at its top that hold to their schemas. */
  readonly documents: ReadonlyMap<string, unknown>;
}

type SignedStatement = (typeof STATEMENTS)[keyof typeof STATEMENTS];

/** Whether the signatures are there that the plan or the caller asks for (SP6013), and hold (SP6014). */
export async function verifySignatures(
  bundle: SignedBundle,
  trust: Trust | null,
): Promise<SignaturesVerified> {
  const there = Object.values(STATEMENTS).filter(({ signature }) => bundle.files.has(signature));
  const missing = missingSignature(bundle, there.length, trust !== null);
  if (trust !== null) {
    const held = await holdSignatures(bundle, there, trust);
    const failures = [...missing, ...held.failures];
    const all = failures.length === 0 && held.checked.length === Object.keys(STATEMENTS).length;
    return { ...held, failures, state: there.length === 0 ? 'none' : all ? 'verified' : 'not-checked' };
  }
  const open =
    there.length === 0
      ? 'who made it: the bundle is not signed'
      : 'signatures: without --key or --trusted-root, anyone could have made this bundle';
  return {
    state: there.length === 0 ? 'none' : 'not-checked',
    checked: [],
    failures: missing,
    notChecked: [open],
  };
}

/** A bundle with one signature is meant to have both. */
function missingSignature(
  { plan, documents }: SignedBundle,
  there: number,
  wanted: boolean,
): readonly Diagnostic[] {
  const planned = plan.stages.some(({ kind }) => kind === 'sign');
  const expected = planned || wanted || there > 0;
  if (!expected || there === Object.keys(STATEMENTS).length) return [];
  const note = documents.get(UNSIGNED_NOTE) as { readonly why?: unknown } | undefined;
  const why = typeof note?.why === 'string' ? `: ${note.why}` : '';
  const asked = planned ? 'the plan requires a signature' : 'you asked to check a signature';
  return [diagnostic('SP6013', `${asked} and the bundle lacks one${why}`)];
}

async function holdSignatures(
  { documents, bytesOf }: SignedBundle,
  there: readonly SignedStatement[],
  trust: Trust,
): Promise<Omit<SignaturesVerified, 'state'>> {
  const checked: string[] = [];
  const failures: Diagnostic[] = [];
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
  return { checked, failures, notChecked: [...open] };
}
