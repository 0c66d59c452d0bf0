import { unreachable } from '../../core/unreachable.ts';
import type { Risk, RiskFactor } from '../../policy/rank/risk.ts';
import { table } from '../views/table.ts';

/** Why a finding stands where it stands in a list by risk: each factor, and their product. */
export function whyHereText({ score, factors }: Risk): string {
  const rows = factors.map((factor, index) => [
    index === 0 ? numberText(factor.weight) : `x ${numberText(factor.weight)}`,
    factorText(factor),
  ]);
  return table([...rows, [`= ${numberText(score)}`, 'risk: lists are ordered by it']], '  ');
}

function factorText(factor: RiskFactor): string {
  switch (factor.kind) {
    case 'severity':
      return `severity ${factor.severity}`;
    case 'exposure':
      return `the file is ${EXPOSURES[factor.exposure]}`;
    case 'exploited':
      return 'attackers exploit it: a list of the policy names it';
    case 'agreement':
      return `${factor.tools} scanners report it`;
    case 'fix-available':
      return 'a version that fixes it exists';
    default:
      return unreachable(factor);
  }
}

const EXPOSURES = {
  product: 'part of the product',
  test: 'a test',
  example: 'an example',
  documentation: 'documentation',
  vendored: "a third party's",
  generated: 'generated',
} as const;

function numberText(value: number): string {
  return String(Math.round(value * 100) / 100);
}
