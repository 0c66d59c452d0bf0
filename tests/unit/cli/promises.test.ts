import { expect, test } from 'vitest';
import { deliveryLines } from '../../../src/cli/views/delivery-lines.ts';
import type { Detail } from '../../../src/cli/views/ending/ending.ts';
import { verdictText } from '../../../src/cli/views/ending/verdict-text.ts';
import { type Gap, type PromisedEvidence, withText } from '../../../src/core/gap.ts';
import type { Coverage } from '../../../src/policy/coverage.ts';
import { decideVerdict } from '../../../src/policy/verdict.ts';
import { policy } from '../../support/planner-rig.ts';

const paint = (_: unknown, text: string) => text;

function coverage(gaps: readonly Gap[], entries: Coverage['entries'] = []): Coverage {
  return {
    entries,
    notChecked: gaps.map((gap) => ({ ...withText(gap), stage: 'attest', text: 'words that decide nothing' })),
    notes: [],
    workspace: { files: 1, leftOut: {}, examples: [] },
    requiredMissing: [],
  };
}

function printed(of: Coverage, detail: Detail = 'normal'): string {
  const verdict = decideVerdict({ policy, coverage: of, findings: [], at: 0, elapsedMs: null });
  const summary = { artifacts: [], tools: [], durations: { totalMs: 0, stages: {} }, profile: 'light' };
  const scan = { verdict, findings: [], results: [], bundleDir: '/b', summary };
  const ending = { cwd: '/', paint, width: 100, detail } as const;
  return verdictText(scan as unknown as Parameters<typeof verdictText>[0], ending);
}

const promise = (what: PromisedEvidence): Gap => ({ kind: 'promised', what });

test('a promised signature that nothing makes is said, by its kind and not by its words', () => {
  expect(printed(coverage([promise('signature')]))).toContain('Not signed');
  expect(printed(coverage([{ kind: 'by-option', what: 'a signature of the evidence' }]))).not.toContain(
    'Not signed',
  );
});

test.each([
  ['delivery', 0],
  ['message', 1],
] as const)('a promised %s that goes nowhere is said', (what, line) => {
  const both = deliveryLines([], coverage([promise('delivery'), promise('message')]), paint);
  expect(both).toHaveLength(2);
  expect(deliveryLines([], coverage([promise(what)]), paint)).toEqual([both[line]]);
  expect(deliveryLines([], coverage([promise('signature')]), paint)).toEqual([]);
});

test('what this version lacks is listed as not run; what the user disabled is not', () => {
  const entry = (id: string, notRun: NonNullable<Coverage['entries'][number]['notRun']>) => ({
    ...{ id, tool: id, category: null, state: 'disabled' as const, detail: 'the same words', reason: null },
    notRun,
    findings: 0,
  });
  const of = coverage(
    [],
    [entry('future', { kind: 'not-in-version' }), entry('off', { kind: 'not-in-profile', profile: 'p' })],
  );
  expect(printed(of)).toContain('not in this version: future\n');
  expect(printed(of, 'verbose')).toContain('future disabled: the same words');
  expect(printed(of, 'verbose')).not.toContain('off disabled');
});
