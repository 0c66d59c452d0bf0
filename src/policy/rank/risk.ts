import type { Finding } from '../../core/finding.ts';
import type { Severity } from '../../core/severity.ts';
import { type Exposure, exposureOf } from './exposure.ts';

/** One reason why a finding stands where it stands: its number multiplies the risk. */
export type RiskFactor =
  | { readonly kind: 'severity'; readonly severity: Severity; readonly weight: number }
  | { readonly kind: 'exposure'; readonly exposure: Exposure; readonly weight: number }
  | { readonly kind: 'exploited'; readonly weight: number }
  | { readonly kind: 'agreement'; readonly tools: number; readonly weight: number }
  | { readonly kind: 'fix-available'; readonly weight: number };

export interface Risk {
  /** The product of all weights: a number to order by, without a unit. */
  readonly score: number;
  readonly factors: readonly RiskFactor[];
}

export interface RiskFacts {
  /** Fingerprints of findings that a list of exploited vulnerabilities names. */
  readonly exploited: ReadonlySet<string>;
}

/** Steps of four: two factors together never lift a finding over more than one severity. */
const SEVERITY_WEIGHT: Readonly<Record<Severity, number>> = {
  critical: 256,
  high: 64,
  medium: 16,
  low: 4,
  info: 1,
};

const EXPOSURE_WEIGHT: Readonly<Record<Exposure, number>> = {
  product: 1,
  test: 0.2,
  example: 0.2,
  documentation: 0.2,
  vendored: 0.2,
  generated: 0.2,
};

const EXPLOITED = 8;
/** Two tools that agree are seldom both wrong. */
const AGREEMENT = 1.5;
const FIX_AVAILABLE = 1.25;

/** Severity x exposure x exploited x agreement of tools x whether a fix is available. */
export function riskOf(finding: Finding, { exploited }: RiskFacts): Risk {
  const tools = new Set(finding.accounts.map(({ tool }) => tool)).size;
  const exposure = exposureOf(finding.span?.path);
  const factors: RiskFactor[] = [
    { kind: 'severity', severity: finding.severity, weight: SEVERITY_WEIGHT[finding.severity] },
  ];
  if (exposure !== 'product') factors.push({ kind: 'exposure', exposure, weight: EXPOSURE_WEIGHT[exposure] });
  if (exploited.has(finding.fingerprint)) factors.push({ kind: 'exploited', weight: EXPLOITED });
  if (tools > 1) factors.push({ kind: 'agreement', tools, weight: AGREEMENT });
  if (finding.package?.fixedVersion !== undefined)
    factors.push({ kind: 'fix-available', weight: FIX_AVAILABLE });
  return { score: factors.reduce((product, { weight }) => product * weight, 1), factors };
}

/** Findings by risk, the highest first; equal ones keep their order. */
export function byRisk(findings: readonly Finding[], facts: RiskFacts): readonly Finding[] {
  return findings
    .map((finding) => ({ finding, score: riskOf(finding, facts).score }))
    .sort((a, b) => b.score - a.score)
    .map(({ finding }) => finding);
}
