import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { severityOf } from '../../../src/executor/judge/identify.ts';
import { catalogue } from '../../../src/stages/catalogue.gen.ts';
import { sourcePath } from '../../../src/stages/contract/source-path.ts';
import { worldTarget } from '../../../src/stages/kit/world-targets.ts';

const STAGES = new URL('../../../src/stages/', import.meta.url).pathname;
const IDS = ['bandit', 'detect-secrets', 'flawfinder', 'gitleaks', 'opengrep'];
const SECRET = 'correct-horse-battery';
const SARIF_QUOTE = {
  ruleId: 'x',
  message: { text: 'found' },
  locations: [
    {
      physicalLocation: {
        artifactLocation: { uri: 'a' },
        region: { startLine: 1, snippet: { text: SECRET } },
        contextRegion: { snippet: { text: SECRET } },
      },
    },
  ],
  fingerprints: { 'contextHash/v1': SECRET },
  partialFingerprints: { line: SECRET },
};

/** Every place in which a tool's own report may quote the scanned code, and a text that has to stay. */
const QUOTES: Readonly<
  Record<string, { readonly output: string; readonly text: string; readonly stays: string }>
> = {
  bandit: {
    output: 'report',
    text: JSON.stringify({
      results: [{ test_id: 'B105', code: SECRET, issue_text: `Possible hardcoded password: '${SECRET}'` }],
    }),
    stays: 'Possible hardcoded password',
  },
  'detect-secrets': {
    output: 'report',
    text: JSON.stringify({ results: { __a: [{ type: 'Secret Keyword', hashed_secret: SECRET }] } }),
    stays: 'Secret Keyword',
  },
  flawfinder: {
    output: 'report',
    text: JSON.stringify({ runs: [{ results: [SARIF_QUOTE] }] }),
    stays: 'found',
  },
  gitleaks: {
    output: 'report',
    text: JSON.stringify({ runs: [{ results: [SARIF_QUOTE] }] }),
    stays: 'found',
  },
  opengrep: {
    output: 'report',
    text: JSON.stringify({
      results: [
        {
          check_id: 'x.y',
          extra: {
            message: 'found',
            lines: SECRET,
            fix: SECRET,
            metavars: { $X: { abstract_content: SECRET } },
            dataflow_trace: [SECRET],
          },
        },
      ],
      errors: [
        {
          type: 'Other syntax error',
          message: `at line a.py:7:\n ${SECRET} was unexpected`,
          spans: [SECRET],
        },
      ],
    }),
    stays: 'line:7',
  },
};

describe('raw outputs before they are stored', () => {
  for (const [id, { output, text, stays }] of Object.entries(QUOTES)) {
    it(`${id} loses what it quotes and keeps the rest`, async () => {
      const report = await catalogue.get(id)?.report();
      const kept = report?.sanitize?.(output, text);
      expect(text).toContain(SECRET);
      expect(kept).toContain(stays);
      expect(kept).not.toContain(SECRET);
    });

    it(`${id} loses it where the report is cut off, too`, async () => {
      const report = await catalogue.get(id)?.report();
      for (let length = 1; length < text.length; length += 1) {
        const kept = report?.sanitize?.(output, text.slice(0, length)) ?? '';
        expect(kept).not.toContain(SECRET.slice(0, 8));
      }
      expect(report?.sanitize?.(output, `Traceback: ${SECRET}`)).not.toContain(SECRET);
    });
  }

  it('detect-secrets keeps of its trace only what speaks of files', async () => {
    const report = await catalogue.get('detect-secrets')?.report();
    const trace = [
      '[scan]\tINFO\tChecking file: a.py',
      `[scan]\tINFO\tSkipping "${SECRET}" due to \`detect_secrets.filters.heuristic.is_sequential_string\`.`,
      '[scan]\tINFO\tSkipping "go.sum" due to `detect_secrets.filters.heuristic.is_non_text_file`',
      `password = ${SECRET}`,
    ].join('\n');
    expect(report?.sanitize?.('files', trace)).toBe(
      '[scan]\tINFO\tChecking file: a.py\n' +
        '[scan]\tINFO\tSkipping "go.sum" due to `detect_secrets.filters.heuristic.is_non_text_file`\n',
    );
  });

  it('gitleaks and flawfinder give the same bytes in whatever order results came', async () => {
    const results = ['b', 'a', 'c'].map((uri) => ({
      ruleId: uri,
      message: { text: uri },
      locations: [{ physicalLocation: { artifactLocation: { uri } } }],
    }));
    const rules = results.map(({ ruleId }) => ({ id: ruleId }));
    const log = (list: readonly object[], ids: readonly object[]) =>
      JSON.stringify({ runs: [{ tool: { driver: { name: 'x', rules: ids } }, results: list }] });
    for (const id of ['gitleaks', 'flawfinder']) {
      const report = await catalogue.get(id)?.report();
      const one = report?.sanitize?.('report', log(results, rules));
      expect(one).toBe(report?.sanitize?.('report', log(results.toReversed(), rules.toReversed())));
    }
  });
});

describe('the severity of a tool without severities', () => {
  it('is the one of its rule before the one of its level', () => {
    const table = catalogue.get('gitleaks')?.severities ?? {};
    const rated = (id: string) =>
      severityOf({ severityMap: {} }, table, {
        kind: 'secret',
        rule: { id },
        message: 'x',
        toolLevel: 'warning',
      });
    expect(rated('private-key')).toBe('critical');
    expect(rated('generic-api-key')).toBe('medium');
    expect(rated('a-rule-of-tomorrow')).toBe('high');
  });
});

describe('a file with the name of a prototype', () => {
  it('is reported by detect-secrets like any other', async () => {
    const report = await catalogue.get('detect-secrets')?.report();
    const text = '{"results":{"__proto__":[{"type":"Secret Keyword","line_number":1}]},"plugins_used":[]}';
    const outcome = report?.parse(
      { report: report.sanitize?.('report', text) ?? '', files: '' },
      {
        options: {},
        target: { kind: 'source' as const, name: 'source', path: '.', details: {} },
        relative: (path: string) => sourcePath('/src', path),
        filesGiven: 1,
        given: [],
        log: { stdout: '', stderr: '' },
      },
    );
    expect(outcome).toMatchObject({ ok: true, findings: [{ span: { path: '__proto__' } }] });
  });
});

describe('parsers', () => {
  for (const id of IDS) {
    it(`${id} never throws, whatever it is given`, async () => {
      const entry = catalogue.get(id);
      const reader = await entry?.report();
      if (entry === undefined || reader === undefined) throw new Error(`no stage ${id}`);
      const context = (stderr: string) => ({
        options: entry.optionDefaults,
        target: worldTarget(entry.requires.target),
        relative: (path: string) => sourcePath('/src', path),
        filesGiven: 3,
        given: [],
        log: { stdout: stderr, stderr },
      });
      const recorded = recordedReports(id);
      expect(recorded.length).toBeGreaterThan(0);
      const broken = fc
        .tuple(fc.constantFrom(...recorded), fc.nat(), fc.nat(), fc.string())
        .map(([text, at, length, put]) => {
          const from = at % text.length;
          return text.slice(0, from) + put + text.slice(from + (length % 40));
        });
      fc.assert(
        fc.property(fc.oneof(fc.string(), fc.json(), broken), fc.string(), (report, other) => {
          for (const text of [report, reader.sanitize?.('report', report) ?? report]) {
            const raw = Object.fromEntries(
              entry.outputs.map(({ name }) => [name, name === 'report' ? text : other]),
            );
            expect(typeof reader.parse(raw, context(other)).ok).toBe('boolean');
          }
          expect(reader.parse({}, context('')).ok).toBe(false);
        }),
        { numRuns: 60 },
      );
    });
  }
});

function recordedReports(id: string): string[] {
  const cases = join(STAGES, id, 'cases');
  return readdirSync(cases).flatMap((name) =>
    ['raw.report.json', 'raw.report.sarif']
      .map((file) => join(cases, name, file))
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, 'utf8')),
  );
}
