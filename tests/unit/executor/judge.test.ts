import { describe, expect, it } from 'vitest';
import type { ParsedFinding } from '../../../src/core/finding.ts';
import { type Evidence, judge, type OutputContent } from '../../../src/executor/judge/judge.ts';
import type { Step } from '../../../src/stages/contract/command.ts';
import type { FaultText, OutputSpec } from '../../../src/stages/contract/output.ts';
import type { ParseOutcome } from '../../../src/stages/contract/report.ts';

const REPORT: OutputSpec = {
  name: 'report',
  type: 'json',
  mediaType: 'application/json',
  file: 'report.json',
};
const STEP: Step = { id: 'scan', argv: ['tool'], exits: { '0': 'clean', '1': 'findings' } };
const FAULT: FaultText = { in: 'stderr', pattern: '^ERROR ', meaning: 'a look-up failed' };
const FINDING: ParsedFinding = { kind: 'code', rule: { id: 'R1' }, message: 'bad' };
const EXAMINED = { count: 3, unit: 'files', evidence: 'report.files' } as const;

const SOURCE = {
  selection: { include: ['**'] },
  target: { kind: 'source' as const, name: 'source', path: '.' },
};

function text(content: string): OutputContent {
  return { kind: 'text', text: content };
}

function ran(exitCode: number, step = 'scan') {
  return { step, exitCode, wallMs: 1, maxRssBytes: null };
}

interface Case {
  evidence?: Partial<Evidence>;
  steps?: readonly Step[];
  specs?: readonly OutputSpec[];
  faults?: readonly FaultText[];
  parse?: () => ParseOutcome;
  given?: number;
}

function filesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `f${index}.py`);
}

function judged(input: Case) {
  const evidence: Evidence = {
    execution: { ok: true, steps: [ran(0)], sourceRoot: '/src' },
    outputs: { report: text('{}') },
    logs: {},
    given: filesOf(input.given ?? 3),
    ...input.evidence,
  };
  return judge(
    { outputSpecs: input.specs ?? [REPORT], faults: input.faults ?? [FAULT], options: {}, ...SOURCE },
    { steps: input.steps ?? [STEP] },
    { parse: input.parse ?? (() => ({ ok: true, findings: [], examined: EXAMINED, notes: [] })) },
    evidence,
  );
}

function parsing(findings: readonly ParsedFinding[], count = 3) {
  return (): ParseOutcome => ({ ok: true, findings, examined: { ...EXAMINED, count }, notes: [] });
}

function executed(exitCode: number, logs: Record<string, string> = {}): Partial<Evidence> {
  return { execution: { ok: true, steps: [ran(exitCode)], sourceRoot: '/src' }, logs };
}

function outputs(report: OutputContent): Partial<Evidence> {
  return { outputs: { report } };
}

describe('judge: what counts as done', () => {
  const good: [string, Case][] = [
    ['clean with exit 0', {}],
    ['findings with exit 1', { evidence: executed(1), parse: parsing([FINDING]) }],
    [
      'an ok exit code says nothing of findings',
      { steps: [{ ...STEP, exits: { '0': 'ok' } }], parse: parsing([FINDING]) },
    ],
    ['an optional output may be absent', { specs: [REPORT, { ...REPORT, name: 'extra', required: false }] }],
    [
      'an empty output that may be empty',
      { specs: [{ ...REPORT, mayBeEmpty: true }], evidence: outputs(text('')) },
    ],
    ['no files to look at', { given: 0, parse: parsing([], 0) }],
    ['a fault text in the other stream', { evidence: executed(0, { 'scan.stdout': 'ERROR x\n' }) }],
    [
      'a fault text not at the start of its line',
      { evidence: executed(0, { 'scan.stderr': 'no ERROR x\n' }) },
    ],
  ];
  it.each(good)('%s', (_name, input) => {
    expect(judged(input)).toMatchObject({ ok: true });
  });
});

describe('judge: planted violations, none of which may pass', () => {
  const timeout = { reason: 'timeout', limitMs: 5 } as const;
  const two = [STEP, { ...STEP, id: 'second' }];
  const bad: [string, string, Case][] = [
    [
      'killed by timeout with a perfect report',
      'timeout',
      { evidence: { execution: { ok: false, steps: [ran(0)], failure: timeout } } },
    ],
    ['an undeclared exit code', 'exit-code', { evidence: executed(2) }],
    ['exit code 137 of a kill', 'signal', { evidence: executed(137) }],
    ['a second step that never ran', 'spawn-failed', { steps: two }],
    [
      'steps reported out of order',
      'spawn-failed',
      {
        steps: two,
        evidence: { execution: { ok: true, steps: [ran(0, 'second'), ran(0)], sourceRoot: '/' } },
      },
    ],
    [
      'a second step that failed',
      'exit-code',
      {
        steps: two,
        evidence: { execution: { ok: true, steps: [ran(0), ran(9, 'second')], sourceRoot: '/' } },
      },
    ],
    [
      'no steps at all',
      'spawn-failed',
      { steps: [], evidence: { execution: { ok: true, steps: [], sourceRoot: '/' } } },
    ],
    [
      'exit 0 with a declared fault text',
      'error-text',
      { evidence: executed(0, { 'scan.stderr': 'fine\nERROR db unreachable\n' }) },
    ],
    [
      'a fault text on the last line without line end',
      'error-text',
      { evidence: executed(0, { 'scan.stderr': 'ERROR x' }) },
    ],
    [
      'a fault text in a stream that is an output',
      'error-text',
      { faults: [{ ...FAULT, in: 'stdout' }], evidence: executed(0, { 'scan.stdout': 'ERROR x' }) },
    ],
    ['a fault pattern that is no pattern', 'error-text', { faults: [{ ...FAULT, pattern: '(' }] }],
    ['no report', 'report-missing', { evidence: { outputs: {} } }],
    [
      'a report reached through the prototype',
      'report-missing',
      { specs: [{ ...REPORT, name: 'constructor' }] },
    ],
    ['an empty report', 'report-empty', { evidence: outputs(text('')) }],
    ['a report of white space', 'report-empty', { evidence: outputs(text(' \n\t')) }],
    [
      'a report that is a link or a device',
      'report-malformed',
      { evidence: outputs({ kind: 'absent', detail: 'not a regular file' }) },
    ],
    [
      'an optional output that is a link',
      'report-malformed',
      {
        specs: [{ ...REPORT, required: false }],
        evidence: outputs({ kind: 'absent', detail: 'not a regular file' }),
      },
    ],
    ['a report too large', 'output-too-large', { evidence: outputs({ kind: 'too-large', limitBytes: 9 }) }],
    [
      'an optional output too large',
      'output-too-large',
      { specs: [{ ...REPORT, required: false }], evidence: outputs({ kind: 'too-large', limitBytes: 9 }) },
    ],
    ['a report that is not UTF-8', 'report-malformed', { evidence: outputs({ kind: 'not-utf8' }) }],
    [
      'a report that the parser refuses',
      'report-schema',
      { parse: () => ({ ok: false, failure: { reason: 'report-schema', output: 'report', detail: 'x' } }) },
    ],
    [
      'a report on which the parser throws',
      'report-malformed',
      {
        parse: () => {
          throw new Error('bug');
        },
      },
    ],
    [
      'a parser that gives nothing',
      'report-malformed',
      { parse: () => undefined as unknown as ParseOutcome },
    ],
    [
      'a parser that gives half a result',
      'report-malformed',
      { parse: () => ({ ok: true, findings: [] }) as unknown as ParseOutcome },
    ],
    ['exit says clean, report says findings', 'exit-contradicts-report', { parse: parsing([FINDING]) }],
    ['exit says findings, report says clean', 'exit-contradicts-report', { evidence: executed(1) }],
    ['files given and none looked at', 'nothing-examined', { parse: parsing([], 0) }],
    ['files given and a count that is no number', 'nothing-examined', { parse: parsing([], Number.NaN) }],
    ['files given and a negative count', 'nothing-examined', { parse: parsing([], -1) }],
  ];
  it.each(bad)('%s is %s', (_name, reason, input) => {
    expect(judged(input)).toMatchObject({ ok: false, failure: { reason } });
  });

  it('keeps the end of what the tool said', () => {
    const result = judged({ evidence: executed(2, { 'scan.stderr': `${'x'.repeat(5000)}\nlast words\n` }) });
    if (result.ok || result.failure.reason !== 'exit-code') throw new Error('expected exit-code');
    expect(result.failure.stderrTail).toMatch(/last words$/);
    expect(result.failure.stderrTail.length).toBeLessThanOrEqual(2000);
  });

  it('the order is: execution, fault text, outputs, parse', () => {
    const all: Case = { evidence: { ...executed(2, { 'scan.stderr': 'ERROR x' }), outputs: {} } };
    expect(judged(all)).toMatchObject({ failure: { reason: 'exit-code' } });
    expect(
      judged({ evidence: { ...all.evidence, ...executed(0, { 'scan.stderr': 'ERROR x' }) } }),
    ).toMatchObject({
      failure: { reason: 'error-text' },
    });
  });
});

describe('judge: what a parser is given', () => {
  it('outputs by name, logs without those that are outputs, paths below the source root', () => {
    const seen: unknown[] = [];
    judge(
      { outputSpecs: [{ ...REPORT, file: undefined as never }], faults: [], options: { a: 1 }, ...SOURCE },
      { steps: [{ ...STEP, stdout: 'report' }] },
      {
        parse: (raw, context) => {
          seen.push(raw, context.log, context.options, context.filesGiven);
          seen.push(
            ['/src/a.py', 'file:///src/b%20c.py', './d/../e.py', '/etc/passwd', '../x', 'https://h/x'].map(
              (path) => context.relative(path),
            ),
          );
          return { ok: true, findings: [], examined: EXAMINED, notes: [] };
        },
      },
      {
        execution: { ok: true, steps: [ran(0)], sourceRoot: '/src' },
        outputs: { report: text('{"a":1}') },
        logs: { 'scan.stdout': '{"a":1}', 'scan.stderr': 'looked at 3 files' },
        given: filesOf(3),
      },
    );
    expect(seen).toEqual([
      { report: '{"a":1}' },
      { stdout: '', stderr: 'looked at 3 files' },
      { a: 1 },
      3,
      ['a.py', 'b c.py', 'e.py', undefined, undefined, undefined],
    ]);
  });
});

describe('judge: a name in a report', () => {
  const seen = (
    given: readonly string[],
    decoded: string,
    ...written: readonly string[]
  ): string | undefined => {
    let path: string | undefined;
    judge(
      { outputSpecs: [REPORT], faults: [], options: {}, ...SOURCE },
      { steps: [STEP] },
      {
        parse: (_, context) => {
          path = context.relative(decoded, { written });
          return { ok: true, findings: [], examined: EXAMINED, notes: [] };
        },
      },
      {
        execution: { ok: true, steps: [ran(0)], sourceRoot: '/src' },
        outputs: { report: text('{}') },
        logs: {},
        given,
      },
    );
    return path;
  };

  it('is the file of that very name before it is the one that it decodes to', () => {
    const given = ['saf%65.py', 'safe.py', 'a b.py'];
    expect(seen(given, 'safe.py', 'saf%65.py')).toBe('saf%65.py');
    expect(seen(given, 'file:///src/saf%65.py', 'file:///src/saf%65.py')).toBe('saf%65.py');
    expect(seen(given, 'a b.py', 'a%20b.py')).toBe('a b.py');
    expect(seen(['safe.py'], 'safe.py', 'saf%65.py')).toBe('safe.py');
  });
});
