import * as z from 'zod';
import { defineStage } from '../contract/definition.ts';
import { readSarif } from '../formats/sarif.ts';
import { variants } from './variants.ts';

const options = z.object({
  /** Rule selectors, as `ruff check --select` takes them. */
  select: z
    .array(z.string().regex(/^[A-Z]+[0-9]*$/))
    .min(1)
    .default(['S']),
  ignore: z.array(z.string().regex(/^[A-Z]+[0-9]*$/)).default([]),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'ruff',
  kind: 'scan',
  category: 'sast',
  perFile: true,
  tool: { name: 'Ruff', homepage: 'https://docs.astral.sh/ruff/', license: 'MIT', status: 'active' },
  providers: [{ name: 'pypi', runtime: 'local', kind: 'pypi', package: 'ruff', bin: 'ruff' }],
  requires: { target: 'source', selection: { include: ['**/*.py', '**/*.pyi', '**/*.ipynb'] } },
  outputs: [
    { name: 'report', type: 'sarif', mediaType: 'application/sarif+json', file: 'ruff.sarif' },
    { name: 'text', type: 'text', mediaType: 'text/plain', publishAs: 'ruff.txt' },
    { name: 'files', type: 'text', mediaType: 'text/plain', mayBeEmpty: true },
  ],
  faults: [{ in: 'stderr', pattern: '^(error|ruff failed)', meaning: 'ruff reports an error of its own' }],
  timeoutMs: 60_000,
  expectedMs: 200,
  resources: { cpus: 1, memoryMb: 256 },
  // Ruff calls every rule an error; the ones that Bandit itself rates otherwise are listed.
  severities: {
    error: 'medium',
    warning: 'low',
    note: 'info',
    s101: 'low',
    s105: 'low',
    s106: 'low',
    s107: 'low',
    s110: 'low',
    s112: 'low',
    s311: 'low',
    s324: 'high',
    s404: 'low',
    s501: 'high',
    s602: 'high',
    s603: 'low',
    s605: 'high',
    s607: 'low',
    s701: 'high',
  },
  options,
  steps: ({ options, args }) => {
    // --isolated: a configuration file in the scanned tree must not switch rules off.
    const check = [
      'ruff',
      'check',
      '--no-cache',
      '--isolated',
      '--no-respect-gitignore',
      '--select',
      options.select.join(','),
    ];
    if (options.ignore.length > 0) check.push('--ignore', options.ignore.join(','));
    check.push(...args);
    const exits = { '0': 'clean', '1': 'findings' } as const;
    return [
      {
        id: 'sarif',
        argv: [
          ...check,
          '--output-format',
          'sarif',
          '-o',
          { at: 'out', sub: 'ruff.sarif' },
          { at: 'source' },
        ],
        exits,
      },
      { id: 'text', argv: [...check, '--output-format', 'concise', { at: 'source' }], stdout: 'text', exits },
      {
        id: 'files',
        argv: [...check, '--show-files', { at: 'source' }],
        stdout: 'files',
        exits: { '0': 'ok' },
      },
    ];
  },
  variants,
  parse: (raw, context) => {
    const sarif = readSarif(raw.report, {
      output: 'report',
      drivers: ['ruff'],
      kind: 'code',
      relative: context.relative,
    });
    if (!sarif.ok) return sarif;
    const files = (raw.files ?? '').split('\n').filter((line) => line !== '').length;
    return {
      ok: true,
      findings: sarif.reading.findings.map((finding) => ({
        ...finding,
        // Ruff's S rules are ports of Bandit's checks and keep their numbers.
        rule: { ...finding.rule, aka: [finding.rule.id.replace(/^S/, 'bandit:B')] },
      })),
      notes: sarif.reading.notes,
      examined: { count: files, unit: 'files', evidence: 'ruff check --show-files' },
    };
  },
});
