import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { planDigestOf, planJson } from '../ir/canonical-plan.ts';
import type { Plan } from '../ir/ir.ts';
import { checkPlanShape } from './check-plan-shape.ts';

const MAX_CHARS = 256 * 2 ** 20;

/** The plan's file: canonical JSON (RFC 8785) on one line, and a line feed. Not pretty-printed: the bytes are the artifact. */
export function serializePlan(plan: Plan): string {
  return `${planJson(plan)}\n`;
}

/**
 * Reads a plan's file and checks that its digest is that of its content and, where given, that this version of
 * secplan made it. White space does not matter. Every refusal is SP3006.
 */
export function readPlan(text: string, secplanVersion?: string): Outcome<Plan> {
  if (text.length > MAX_CHARS) return refused('it is larger than 256 MB');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused('it is not JSON');
  }
  const wrong = checkPlanShape(value);
  if (wrong !== undefined) return refused(wrong);
  const plan = value as Plan;
  let digest: string;
  try {
    digest = planDigestOf(plan);
  } catch {
    return refused('it contains values that canonical JSON does not allow');
  }
  if (digest !== plan.planDigest) return refused('its digest does not match its content', plan.planDigest);
  if (secplanVersion !== undefined && plan.secplan !== secplanVersion) {
    return refused(
      `secplan ${plan.secplan} compiled it, and this is secplan ${secplanVersion}`,
      plan.secplan,
    );
  }
  return success(plan);
}

function refused(why: string, value?: string): Outcome<never> {
  return failed([
    diagnostic('SP3006', `secplan refuses the plan file: ${why}`, {
      help: 'Compile it again with `secplan compile -o FILE`.',
      ...(value === undefined ? {} : { value: value.slice(0, 120) }),
    }),
  ]);
}
