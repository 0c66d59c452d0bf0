import * as z from 'zod';
import { defineStage } from '../contract/definition.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { sarifVariant } from '../formats/variants.ts';
import { banditReport, checkedFiles, sanitizeReport, toFinding, toNotes, withoutValue } from './output.ts';

const testIds = z.array(z.string().regex(/^B[0-9]{3}$/));

const options = z.object({
  /** Ids of the only tests to run; none: all of them. */
  tests: testIds.default([]),
  /** Ids of tests to leave out. */
  skips: testIds.default([]),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'bandit',
  kind: 'scan',
  category: 'sast',
  perFile: true,
  tool: {
    name: 'Bandit',
    homepage: 'https://bandit.readthedocs.io/',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    { name: 'pypi', runtime: 'local', kind: 'pypi', package: 'bandit', bin: 'bandit' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'bandit', bin: 'bandit' },
  ],
  // A `.bandit` file, which could switch tests off, is not among the files that it sees.
  requires: { target: 'source', selection: { include: ['**/*.py'] } },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'bandit.json' }],
  faults: [{ in: 'stderr', pattern: '^Traceback ', meaning: 'Bandit reports an error of its own' }],
  timeoutMs: 300_000,
  expectedMs: 600,
  resources: { cpus: 1, memoryMb: 256 },
  severities: { high: 'high', medium: 'medium', low: 'low', undefined: 'info' },
  options,
  steps: ({ options, args }) => {
    // Without -x Bandit passes over every path that holds one of its defaults, so also `lib/CVSReader.py`;
    // two slashes stand in no path that it walks. Comments (`nosec`) must not silence a finding.
    const check = ['bandit', '-r', '-q', '-f', 'json', '--ignore-nosec', '-x', '//'];
    if (options.tests.length > 0) check.push('-t', options.tests.join(','));
    if (options.skips.length > 0) check.push('-s', options.skips.join(','));
    return [
      {
        id: 'scan',
        argv: [...check, ...args, '-o', { at: 'out', sub: 'bandit.json' }, '.'],
        exits: { '0': 'clean', '1': 'findings' },
      },
    ];
  },
  variants: [
    sarifVariant(['Bandit'], 'code', (finding) => ({
      ...finding,
      rule: { ...finding.rule, aka: [`bandit:${finding.rule.id}`] },
      message: withoutValue(finding.message),
    })),
  ],
  parse: (raw, context) => {
    const report = readJsonReport('report', raw.report, banditReport);
    if (!report.ok) return report;
    return {
      ok: true,
      findings: report.value.results.map((item) => toFinding(item, context.relative)),
      notes: toNotes(report.value, context.relative),
      examined: {
        count: checkedFiles(report.value),
        unit: 'files',
        evidence: 'files with metrics and no error in the report',
      },
    };
  },
  notChecked: ({ tests, skips }) => [
    ...(tests.length > 0 ? [`all Bandit tests but ${tests.join(', ')}`] : []),
    ...(skips.length > 0 ? [`Bandit tests ${skips.join(', ')}`] : []),
  ],
  sanitize: (_, text) => sanitizeReport(text),
});
