import * as calculator from 'ae-cvss-calculator';
import { type Severity, severityOfCvss } from '../../core/severity.ts';

/** The library is CommonJS whose names Node cannot tell: there they are members of its default export, in a bundler's eyes its own. */
const { fromVector } =
  (calculator as typeof calculator & { readonly default?: typeof calculator }).default ?? calculator;

/**
 * Severity of a CVSS score. Version 2 has no `critical` and no `none` (NVD's ranges for it: 7.0 and above is high, below
 * 4.0 low); versions 3 and 4 have FIRST's qualitative scale.
 */
export function severityOfScore(score: number, version: 2 | 3 | 4 = 3): Severity | undefined {
  if (!Number.isFinite(score) || score < 0 || score > 10) return undefined;
  if (version !== 2) return severityOfCvss(score);
  if (score >= 7) return 'high';
  return score >= 4 ? 'medium' : 'low';
}

const LONGEST_VECTOR = 512;

/** Severity of a CVSS vector of version 2, 3.0, 3.1 or 4.0; undefined where it is none. Never throws. */
export function severityOfVector(vector: string): Severity | undefined {
  const text = vector.trim().replace(/^\((.*)\)$/, '$1');
  if (text.length > LONGEST_VECTOR || !/^(?:CVSS:[34]\.\d\/|(?:[A-Za-z]+:)?AV:)/.test(text)) return undefined;
  try {
    const parsed = fromVector(text);
    if (parsed === null) return undefined;
    const { base, overall } = parsed.calculateScores();
    // Of a vector that lacks a metric the calculator gives 0: nothing is known of it, not that it is harmless.
    if (base === undefined) return undefined;
    return severityOfScore(overall, /^CVSS:4/.test(text) ? 4 : /^CVSS:3/.test(text) ? 3 : 2);
  } catch {
    return undefined;
  }
}
