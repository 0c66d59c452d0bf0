import * as z from 'zod';
import type { ArgvPart } from '../contract/command.ts';
import { defineStage } from '../contract/definition.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { checkedFiles, grepReport, sanitizeReport, toFinding, toNotes } from './output.ts';
import { variants } from './variants.ts';

const options = z.object({
  /** Ids of rules to leave out, for example `secplan.dockerfile.image-not-pinned`. */
  excludeRules: z.array(z.string().regex(/^[A-Za-z0-9_.-]+$/)).default([]),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'opengrep',
  kind: 'scan',
  category: 'sast',
  perFile: true,
  tool: {
    name: 'Opengrep',
    homepage: 'https://www.opengrep.dev/',
    license: 'LGPL-2.1-only',
    status: 'active',
  },
  providers: [
    {
      name: 'semgrep',
      runtime: 'local',
      kind: 'pypi',
      package: 'semgrep',
      bin: 'semgrep',
      standsInAs: 'Semgrep',
    },
    {
      name: 'tackbox-opengrep',
      runtime: 'local',
      kind: 'pypi',
      package: 'tackbox-opengrep',
      bin: 'python',
      thirdParty: 'tackbox',
    },
    { name: 'release', runtime: 'local', kind: 'release', package: 'opengrep/opengrep', bin: 'opengrep' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'opengrep', bin: 'opengrep' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'semgrep/semgrep',
      bin: 'semgrep',
      standsInAs: 'Semgrep',
    },
  ],
  requires: {
    target: 'source',
    selection: {
      // What the pack has rules for.
      include: [
        '**/*.{py,pyi,js,jsx,cjs,mjs,ts,tsx,cts,mts,go,java,yml,yaml}',
        '**/{Dockerfile,dockerfile,Containerfile}',
        '**/{Dockerfile,dockerfile,Containerfile}.*',
        '**/*.{Dockerfile,dockerfile,Containerfile}',
      ],
    },
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'opengrep.json' }],
  faults: [{ in: 'stderr', pattern: '^Fatal error: ', meaning: 'the engine reports a fatal error' }],
  assets: {
    rules: 'rules/secplan.yaml',
    authority: 'src/stages/opengrep/assets/no-authority.pem',
    start: 'src/stages/opengrep/assets/start.py',
  },
  timeoutMs: 600_000,
  expectedMs: 5_000,
  resources: { cpus: 1, memoryMb: 1024 },
  // Levels of rules that are not secplan's own; those carry their severity with them.
  severities: { error: 'high', warning: 'medium', info: 'low', inventory: 'info', experiment: 'info' },
  options,
  steps: ({ options, provider, args }) => {
    const semgrep = provider.standsInAs === 'Semgrep';
    const start: ArgvPart[] =
      provider.bin === 'python' ? ['python', { at: 'asset', name: 'start' }] : [provider.bin];
    return [
      {
        id: 'scan',
        argv: [
          ...start,
          'scan',
          '--error',
          '--disable-version-check',
          ...(semgrep ? ['--metrics=off'] : []),
          // Ids as the rules have them, not led by the folder that they lie in.
          '--no-rewrite-rule-ids',
          // Neither comments (`nosemgrep`) nor ignore files nor the built-in list of folders (tests, vendor) hide a file.
          ...[
            '--disable-nosem',
            '--no-git-ignore',
            '--x-ignore-semgrepignore-files',
            '--max-target-bytes',
            '0',
          ],
          ...['--jobs', '1'],
          ...options.excludeRules.flatMap((rule) => ['--exclude-rule', rule]),
          ...args,
          '--config',
          { at: 'asset', name: 'rules' },
          '--json',
          { at: 'out', sub: 'opengrep.json', prefix: '--output=' },
          '.',
        ],
        // Semgrep will not start without some certificate authority, also where there is no network. This one has no key.
        ...(semgrep ? { env: { SSL_CERT_FILE: { at: 'asset', name: 'authority' } } as const } : {}),
        exits: { '0': 'clean', '1': 'findings' },
      },
    ];
  },
  variants,
  parse: (raw, context) => {
    const report = readJsonReport('report', raw.report, grepReport);
    if (!report.ok) return report;
    return {
      ok: true,
      findings: report.value.results.map((item) => toFinding(item, context.relative)),
      notes: toNotes(report.value, context.relative),
      examined: {
        count: checkedFiles(report.value),
        unit: 'files',
        evidence: '`paths.scanned` in the report, without files that were not parsed',
      },
    };
  },
  notChecked: ({ excludeRules }) => (excludeRules.length > 0 ? [`rules ${excludeRules.join(', ')}`] : []),
  sanitize: (_, text) => sanitizeReport(text),
});
