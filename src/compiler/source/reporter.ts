import type { DiagnosticCode } from '../../core/codes.ts';
import { type Diagnostic, diagnostic, type Place } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/did-you-mean.ts';

type Details = Omit<Partial<Diagnostic>, 'code' | 'level' | 'summary' | 'pointer' | 'place'>;

/** Gathers diagnostics of a manifest and gives each its place. */
export interface Reporter {
  readonly found: readonly Diagnostic[];
  /** About the value at a pointer. */
  report(code: DiagnosticCode, pointer: string, summary: string, details?: Details): void;
  /** About the command line: without a place. */
  reportUsage(code: DiagnosticCode, summary: string, details?: Details): void;
  /** About the key at a pointer. */
  reportKey(code: DiagnosticCode, pointer: string, summary: string, details?: Details): void;
}

interface Places {
  place(pointer: string): Place | undefined;
  keyPlace(pointer: string): Place | undefined;
}

export function reporter(places: Places): Reporter {
  const found: Diagnostic[] = [];
  const at = (pointer: string, place: Place | undefined) => ({ pointer, ...(place ? { place } : {}) });
  return {
    found,
    reportUsage: (code, summary, details = {}) => {
      found.push(diagnostic(code, summary, details));
    },
    report: (code, pointer, summary, details = {}) => {
      found.push(diagnostic(code, summary, { ...at(pointer, places.place(pointer)), ...details }));
    },
    reportKey: (code, pointer, summary, details = {}) => {
      found.push(diagnostic(code, summary, { ...at(pointer, places.keyPlace(pointer)), ...details }));
    },
  };
}

/** Longest list of what is allowed that is worth printing. */
const MOST_ALLOWED = 40;

/** What is allowed in place of an unknown name, and which of it was likely meant. */
export function alternatives(name: string, known: Iterable<string>): Details {
  const allowed = [...new Set(known)].sort();
  const meant = didYouMean(name, allowed);
  return {
    value: name,
    ...(allowed.length > 0 && allowed.length <= MOST_ALLOWED ? { allowed } : {}),
    ...(meant === undefined ? {} : { didYouMean: meant }),
  };
}
