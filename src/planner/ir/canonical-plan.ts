import { createHash } from 'node:crypto';
import { byCodeUnit, canonicalJson } from '../../core/canonical.ts';
import { type Digest, digest } from '../../core/ids.ts';
import type { Plan, Stage } from './ir.ts';

/** A plan without its digest: what the digest is taken of. */
export type UnsealedPlan = Omit<Plan, 'planDigest'>;

/** sha256 over the canonical JSON of everything in the plan but the digest itself. */
export function planDigestOf(plan: UnsealedPlan): Digest {
  const { planDigest: _, ...rest } = plan as Plan;
  const hash = createHash('sha256');
  for (const part of parts(rest)) hash.update(part);
  return digest(`sha256:${hash.digest('hex')}`);
}

/** Canonical JSON of a plan, sealed or not: the text that `canonicalJson` gives, made in less time and memory. */
export function planJson(plan: UnsealedPlan | Plan): string {
  return Buffer.concat([...parts(plan)]).toString('utf8');
}

function* parts(plan: UnsealedPlan | Plan): Generator<Buffer> {
  let separator = '{';
  for (const key of Object.keys(plan).sort(byCodeUnit)) {
    const value = plan[key as keyof typeof plan];
    if (value === undefined) continue;
    yield Buffer.from(`${separator}${canonicalJson(key)}:`);
    separator = ',';
    if (key === 'stages') yield* stageParts(plan.stages);
    else yield Buffer.from(canonicalJson(value));
  }
  yield Buffer.from('}');
}

// A plan is immutable, and is written right after its digest was taken: the long part is made once. It is kept as
// bytes, which the garbage collector does not copy around as it does 100 MB of texts.
const written = new WeakMap<readonly Stage[], readonly Buffer[]>();
const CHUNK_CHARS = 64 * 1024;

function stageParts(stages: readonly Stage[]): readonly Buffer[] {
  const known = written.get(stages);
  if (known !== undefined) return known;
  const made: Buffer[] = [];
  let text = '[';
  for (const [index, stage] of stages.entries()) {
    text += `${index === 0 ? '' : ','}${canonicalJson(stage)}`;
    if (text.length < CHUNK_CHARS) continue;
    made.push(Buffer.from(text));
    text = '';
  }
  made.push(Buffer.from(`${text}]`));
  written.set(stages, made);
  return made;
}
