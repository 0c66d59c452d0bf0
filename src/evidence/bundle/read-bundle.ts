import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { diagnostic } from '../../core/diagnostic.ts';
import type { Finding } from '../../core/finding.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { readPlan } from '../../planner/plan-file/plan-file.ts';
import { type GateFacts, NO_FACTS } from '../../policy/gate-facts.ts';
import type { Verdict } from '../../policy/verdict.ts';
import { readFindings } from './read-findings.ts';
import type { Summary } from './summary.ts';

/** What gating again, explaining and comparing need of a sealed bundle. */
export interface BundleContent {
  /** Absolute, links resolved. */
  readonly dir: string;
  readonly plan: Plan;
  readonly verdict: Verdict;
  readonly summary: Summary;
  /** Merged findings, worst first, waived ones included. */
  readonly findings: readonly Finding[];
  /** What the gate knew besides; nothing where the bundle has no gate-facts.json. */
  readonly facts: GateFacts;
}

const document = (schema: string) => z.looseObject({ schema: z.literal(schema) });
const verdictShape = document('https://secplan.dev/schema/verdict/v1');
const factsShape = document('https://secplan.dev/schema/gate-facts/v1');
const summaryShape = document('https://secplan.dev/schema/summary/v1');

/** Reads a sealed bundle: SP6001 when there is none, SP6002 when a document of it is missing or broken. */
export async function readBundle(path: string): Promise<Outcome<BundleContent>> {
  let dir: string;
  try {
    dir = await realpath(path);
  } catch {
    return failed([
      diagnostic('SP6001', `no bundle at ${path}`, {
        help: 'Run `secplan run` first, or name a bundle folder.',
      }),
    ]);
  }
  try {
    const text = (name: string): Promise<string> => readFile(join(dir, name), 'utf8');
    const plan = readPlan(await text('plan.json'));
    if (!plan.ok) return plan;
    const verdict = verdictShape.parse(JSON.parse(await text('verdict.json'))) as unknown as Verdict;
    const summary = summaryShape.parse(JSON.parse(await text('summary.json'))) as unknown as Summary;
    const findings = readFindings(await text('findings.sarif'));
    const told = await text('gate-facts.json').catch((error: NodeJS.ErrnoException) => {
      // Only a policy that needs it leaves one; that it was not taken away is the checksums' business.
      if (error.code !== 'ENOENT' || verdictNeedsFacts(verdict)) throw error;
      return undefined;
    });
    const facts =
      told === undefined ? NO_FACTS : (factsShape.parse(JSON.parse(told)) as unknown as GateFacts);
    return success({ dir, plan: plan.value, verdict, summary, findings, facts });
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return failed([
      diagnostic('SP6002', `the bundle at ${path} is incomplete or damaged: ${why.slice(0, 200)}`),
    ]);
  }
}

function verdictNeedsFacts({ comparison, vex, exploited }: Verdict): boolean {
  return (
    (comparison !== undefined && comparison.with !== 'nothing') ||
    vex !== undefined ||
    exploited !== undefined
  );
}
