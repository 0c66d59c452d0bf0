import { describe, expect, it, test } from 'vitest';
import { openConsole } from '../../../src/cli/shared/console.ts';
import { wrap } from '../../../src/cli/shared/wrap.ts';
import type { Ending } from '../../../src/cli/views/ending/ending.ts';
import { verdictText } from '../../../src/cli/views/ending/verdict-text.ts';
import { diagnostic } from '../../../src/core/diagnostic.ts';
import type { Finding } from '../../../src/core/finding.ts';
import type { CoverageEntry } from '../../../src/policy/coverage.ts';
import type { LanguageCoverage } from '../../../src/policy/languages.ts';
import { decideVerdict } from '../../../src/policy/verdict.ts';
import { madeFinding } from '../../support/made-finding.ts';
import { policy } from '../../support/planner-rig.ts';

const paint = (_: unknown, text: string): string => text;

function entry(id: string, state: CoverageEntry['state'], detail = '12 files (loc)'): CoverageEntry {
  const reason = state === 'incomplete' ? 'timeout' : null;
  return { id, tool: id, category: 'sast', state, detail, reason, findings: 0 };
}

interface Shown {
  readonly entries: readonly CoverageEntry[];
  readonly findings?: readonly Finding[];
  readonly notChecked?: number;
  readonly profile?: string;
  readonly slaMs?: number;
  readonly languages?: readonly LanguageCoverage[];
}

function ended(
  { entries, findings = [], notChecked = 0, profile = 'light', slaMs, languages }: Shown,
  over: Partial<Ending> = {},
) {
  const gaps = Array.from({ length: notChecked }, (_, index) => ({
    ...{
      kind: 'by-option' as const,
      what: `thing ${index}`,
      text: `scanner: thing ${index}`,
      stage: 'scanner',
    },
  }));
  const coverage = {
    ...{ entries, notChecked: gaps, notes: [], requiredMissing: [] },
    workspace: { files: 1, leftOut: {}, examples: [] },
    ...(languages === undefined ? {} : { languages }),
  };
  const verdict = decideVerdict({
    policy: { ...policy, slaMs: slaMs ?? null },
    coverage,
    findings,
    at: 0,
    elapsedMs: 90_000,
  });
  const summary = {
    ...{ artifacts: [{}, {}], tools: [{ stage: 'ruff', cached: true }], profile },
    durations: { totalMs: 90_000, stages: { bandit: 1234 } },
  };
  const scan = { verdict, findings, results: [], bundleDir: '/w/build/latest', summary };
  const ending: Ending = { cwd: '/w', paint, width: 80, detail: 'normal', ...over };
  return verdictText(scan as unknown as Parameters<typeof verdictText>[0], ending).split('\n');
}

/** Nothing read `count` languages. */
function unread(count: number): readonly LanguageCoverage[] {
  return Array.from({ length: count }, (_, index) => ({
    ...{
      language: `Lingo${index}`,
      category: 'sast',
      files: 90 - index,
      read: 0,
      excluded: 0,
      state: 'not-read',
    },
    ...{
      readIn: [],
      tools: [],
      text: `${90 - index} Lingo${index} files: no scanner of this profile reads Lingo${index} (a, b and 3 more do)`,
    },
  }));
}

const many = Array.from({ length: 40 }, (_, index) =>
  madeFinding({
    print: index.toString(16),
    tools: [`scanner${index % 20}`],
    rule: { id: `no-${index}-good-idea` },
    severity: index === 7 ? 'critical' : 'high',
    span: { path: `src/a/very/long/path/to/some/module/number/file${index}.py`, startLine: index + 1 },
  }),
);

describe('the end of a run', () => {
  const entries = [
    ...Array.from({ length: 24 }, (_, index) => entry(`scanner${index}`, 'done')),
    ...Array.from({ length: 9 }, (_, index) =>
      entry(`broken${index}`, 'incomplete', 'it took too long '.repeat(9)),
    ),
    ...Array.from({ length: 30 }, (_, index) => entry(`unfit${index}`, 'not-applicable')),
  ];

  test.each([80, 60])(
    'is at most 25 lines above the verdict at %i columns, each within the width',
    (width) => {
      const lines = ended({ entries, findings: many, notChecked: 50, languages: unread(9) }, { width });
      const verdict = lines.findIndex((line) => line.startsWith(' FAIL '));
      expect(verdict).toBeGreaterThan(0);
      expect(verdict, lines.join('\n')).toBeLessThanOrEqual(25);
      expect(lines.filter((line) => line.length > width && !line.includes('/report.html'))).toEqual([]);
    },
  );

  it('names three languages that nothing read and counts the rest; all of them under --verbose', () => {
    const languages = unread(5);
    const shown = ended({ entries: [entry('ruff', 'done')], languages }, { width: 110 });
    const at = shown.findIndex((line) => line.startsWith('Not read: 90 Lingo0 files'));
    expect(at).toBeGreaterThan(0);
    expect(shown[at + 1]).toMatch(/^ {10}89 Lingo1 files/);
    expect(shown[at + 2]).toMatch(/^ {10}88 Lingo2 files.* \(and 2 more: --verbose\)$/);
    const verbose = ended({ entries: [entry('ruff', 'done')], languages }, { detail: 'verbose' });
    expect(verbose).toContain('Not read (5)');
    expect(verbose).toContain(`  ${languages[4]?.text}`);
  });

  it('ends with the verdict, the budgets, the report and the next command', () => {
    const lines = ended({
      entries: [entry('bandit', 'done'), entry('ruff', 'done')],
      findings: [many[7] as Finding],
    });
    expect(lines).toMatchInlineSnapshot(`
      [
        "bandit       12 files      1.2 s   no findings",
        "ruff         12 files     cached   no findings",
        "",
        "Fix first",
        " 1 critical No 7 good idea                     …to/some/module/number/file7.py:8",
        "",
        " FAIL  1 critical finding (budget 0)",
        "Budgets  critical 1 of 0, high 0 of 5, medium 0, low 0, info 0 (built-in)",
        "Report   build/latest/report.html (bundle of 2 files)",
        "Next     secplan explain 700000000000  shows the first finding",
      ]
    `);
  });

  it('names what gave no result even where nothing was found', () => {
    const lines = ended({
      entries: [entry('bandit', 'done'), entry('trivy', 'incomplete', 'its database is missing')],
    });
    expect(lines).toContain('trivy  incomplete: its database is missing');
    expect(lines.at(-1)).toBe('Next     secplan why trivy  shows the cause and the way out');
  });

  it('proposes more scanners after a pass, and a golden where there are none', () => {
    expect(ended({ entries: [entry('bandit', 'done')] }).at(-1)).toContain('secplan run --profile standard');
    expect(ended({ entries: [entry('bandit', 'done')], profile: 'heavy' }).at(-1)).toContain(
      'secplan golden update',
    );
  });

  it('tells a missed time budget', () => {
    const lines = ended({ entries: [entry('bandit', 'done')], slaMs: 60_000 });
    expect(lines.find((line) => line.startsWith(' PASS '))).toContain('took 1 min 30 s (time budget 1 min)');
  });

  it('is only the verdict with --quiet, and every list whole with --verbose', () => {
    const shown = { entries, findings: many, notChecked: 50 };
    expect(ended(shown, { detail: 'quiet' })[0]).toMatch(/^ FAIL /);
    const verbose = ended(shown, { detail: 'verbose' });
    for (let index = 0; index < 50; index += 1) expect(verbose).toContain(`  scanner: thing ${index}`);
    expect(verbose.filter((line) => line.startsWith('broken'))).toHaveLength(9);
    expect(verbose.filter((line) => /^ ?\d+ (high|critical) /.test(line))).toHaveLength(40);
  });

  it('lists only what is at least as severe as asked, with the same verdict', () => {
    const shown = { entries: [entry('scanner1', 'done')], findings: many };
    const [all, critical] = [ended(shown), ended(shown, { lowest: 'critical' })];
    expect(critical.filter((line) => /^ ?\d+ high /.test(line))).toEqual([]);
    expect(critical.find((line) => line.startsWith(' FAIL '))).toBe(
      all.find((line) => line.startsWith(' FAIL ')),
    );
  });
});

test('wrapped text keeps its words, and colors take no room', () => {
  expect(wrap('one two three', 7, 2)).toBe('one two\n  three');
  expect(wrap('\u001b[1m one\u001b[22m two', 8)).toBe('\u001b[1m one\u001b[22m two');
  expect(wrap('a'.repeat(50), 10)).toBe('a'.repeat(50));
  expect(wrap('one two', Number.POSITIVE_INFINITY)).toBe('one two');
});

test.each([
  [{}, false, false],
  [{}, true, true],
  [{ TERM: 'dumb' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
])('with %j on a terminal (%s) text is colored: %s', (env, isTTY, colored) => {
  const stream = { write: () => true, isTTY };
  const { paint: painted } = openConsole({ cwd: '/', env, stdout: stream, stderr: stream }, false);
  expect(painted('red', 'x') !== 'x').toBe(colored);
});

test('documents steer no terminal, and are whole in a pipe', () => {
  const evil = 'a\u009b31m\u202eb\u007f';
  const written = (isTTY: boolean) => {
    const lines: string[] = [];
    const stream = { write: (text: string) => lines.push(text), isTTY };
    const made = openConsole({ cwd: '/', env: {}, stdout: stream, stderr: stream }, true);
    made.document('x', { evil });
    made.raw(`${JSON.stringify({ evil })}\n`);
    made.diagnose([diagnostic('SP9001', evil)]);
    return lines.join('');
  };
  expect(written(false).split(evil)).toHaveLength(4);
  // The same text to whoever reads the JSON.
  const shown = written(true);
  expect(shown.split('a\\u009b31m\\u202eb\\u007f')).toHaveLength(4);
  expect(shown).toMatch(/^[\n -~]+$/);
});
