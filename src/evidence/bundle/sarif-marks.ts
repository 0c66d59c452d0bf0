import type { UsedWaiver, Verdict } from '../../policy/verdict.ts';

interface Suppression {
  readonly kind: 'external';
  readonly status: 'accepted';
  readonly justification: string;
}

/** What the gate made of one finding, in SARIF's own words (2.1.0, sections 3.27.24 and 3.35). */
export interface SarifMark {
  baselineState?: 'new' | 'unchanged';
  suppressions?: Suppression[];
  exploited?: { readonly kev: boolean; readonly epss: number | null };
}

/** By fingerprint. A fingerprint that is not in it has no mark. */
export type SarifMarks = Pick<ReadonlyMap<string, SarifMark>, 'get'>;

/** Marks of every finding that the verdict says something of. */
export function sarifMarks({ comparison, waivers, vex, exploited, unfixed = [] }: Verdict): SarifMarks {
  const marks = new Map<string, SarifMark>();
  const markOf = (fingerprint: string): SarifMark => {
    let mark = marks.get(fingerprint);
    if (mark === undefined) {
      mark = {};
      marks.set(fingerprint, mark);
    }
    return mark;
  };
  const suppress = (fingerprint: string, justification: string): void => {
    markOf(fingerprint).suppressions = [{ kind: 'external', status: 'accepted', justification }];
  };
  for (const waiver of waivers.used) {
    for (const fingerprint of waiver.findings) suppress(fingerprint, waiverText(waiver));
  }
  for (const { finding, document, status, justification, statement } of vex?.notAffected ?? []) {
    const why = [justification, statement].filter((text) => text !== undefined).join(': ');
    suppress(finding, `${status} by ${document}${why === '' ? '' : `: ${why}`}`);
  }
  for (const finding of unfixed) suppress(finding, 'no fixed version yet: not counted (budgets: fixable)');
  for (const { finding, kev, epss } of exploited?.findings ?? []) markOf(finding).exploited = { kev, epss };
  if (comparison === undefined || comparison.with === 'nothing') return marks;
  const fresh = new Set(comparison.new);
  return {
    get: (fingerprint) => ({
      ...marks.get(fingerprint),
      baselineState: fresh.has(fingerprint) ? 'new' : 'unchanged',
    }),
  };
}

function waiverText({ reason, owner, expires }: UsedWaiver): string {
  return `waived by ${owner} until ${expires}: ${reason}`;
}
