import type { DiagnosticCode } from '../../core/codes.ts';
import { type Diagnostic, isError } from '../../core/diagnostic.ts';
import type { Repair } from '../model/resolvable-manifest.ts';
import { isWithin, pointerKeys } from '../source/pointer.ts';

/** A part of a manifest in which something missing might have stood: at most so many keys below it. */
interface Part {
  readonly at: string;
  readonly depth: number;
}

const NAMES = 1;
const ENTRIES = 2;
const ANYWHERE = Number.POSITIVE_INFINITY;
const STACK: Part = { at: '/stack', depth: ANYWHERE };
const EVIDENCE: Part = { at: '/evidence', depth: ANYWHERE };

/** Errors about something that is not there. */
const SAYS_MISSING: Partial<Readonly<Record<DiagnosticCode, Part>>> = {
  SP2006: { at: '/tools/custom', depth: NAMES },
  SP2007: { at: '/profiles', depth: NAMES },
  SP2008: { at: '/targets', depth: ENTRIES },
  SP2013: { at: '/secrets', depth: NAMES },
  SP2018: STACK,
  SP2040: STACK,
  SP2042: STACK,
  SP2060: { at: '/policy/exploited', depth: ANYWHERE },
  SP3004: { at: '/runtime', depth: ANYWHERE },
  SP3005: { at: '/tools/custom', depth: NAMES },
  SP5082: { at: '/cache/remote', depth: ANYWHERE },
  SP6005: EVIDENCE,
  SP6022: EVIDENCE,
  SP6040: { at: '/delivery', depth: ANYWHERE },
  SP6060: { at: '/delivery', depth: ANYWHERE },
};

/**
 * What a later phase reports of a repaired manifest, with pointers as they are written: errors alone, without those that only
 * follow from what the schema refused, because they lie in it or miss something that may have been part of it.
 */
export function laterErrors(diagnostics: readonly Diagnostic[], repair: Repair | undefined): Diagnostic[] {
  if (repair === undefined) return [...diagnostics];
  return diagnostics
    .filter(isError)
    .map((item) => (item.pointer === undefined ? item : { ...item, pointer: repair.original(item.pointer) }))
    .filter((item) => !follows(item, repair));
}

function follows({ code, pointer }: Diagnostic, { lost, removed }: Repair): boolean {
  if (pointer !== undefined && lost.some((gone) => isWithin(pointer, gone))) return true;
  const part = SAYS_MISSING[code];
  if (part === undefined) return false;
  const keys = pointerKeys(part.at).length;
  return removed.some(
    (gone) =>
      isWithin(part.at, gone) || (isWithin(gone, part.at) && pointerKeys(gone).length - keys <= part.depth),
  );
}
