import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { defineStage } from '../contract/definition.ts';
import type { Note } from '../contract/report.ts';
import { stableSarif } from '../formats/sanitize.ts';
import { oneLine, readSarif } from '../formats/sarif.ts';
import { variants } from './variants.ts';

const options = z.object({});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'gitleaks',
  kind: 'scan',
  category: 'secrets',
  perFile: true,
  tool: { name: 'Gitleaks', homepage: 'https://gitleaks.io/', license: 'MIT', status: 'active' },
  providers: [
    {
      name: 'go',
      runtime: 'local',
      kind: 'go',
      package: 'github.com/zricethezav/gitleaks/v8',
      bin: 'gitleaks',
    },
    { name: 'release', runtime: 'local', kind: 'release', package: 'gitleaks/gitleaks', bin: 'gitleaks' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'gitleaks', bin: 'gitleaks' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'zricethezav/gitleaks', bin: 'gitleaks' },
  ],
  requires: {
    target: 'source',
    selection: {
      include: ['**'],
      exclude: [
        // Its own files, by which a tree could switch it off.
        '**/.gitleaksignore',
        '**/*gitleaks.toml',
        // What its built-in rules pass over anyway: the files it is given are then those that it reads.
        '**/node_modules/**',
        '**/{deno.lock,npm-shrinkwrap.json,package-lock.json,pnpm-lock.yaml,yarn.lock,Pipfile.lock,poetry.lock}',
        '**/go.{mod,sum,work}',
        '**/*.{bmp,gif,jpg,jpeg,png,svg,tif,tiff,eot,otf,ttf,woff,woff2}',
        '**/*.{doc,docx,xls,xlsx,pdf,bin,exe,pdb,gltf,gem}',
      ],
    },
  },
  outputs: [{ name: 'report', type: 'sarif', mediaType: 'application/sarif+json', file: 'gitleaks.sarif' }],
  faults: [
    { in: 'stderr', pattern: '\\bFTL\\b', meaning: 'Gitleaks reports a fatal error' },
    { in: 'stderr', pattern: '\\bpartial scan completed', meaning: 'Gitleaks did not get to its end' },
  ],
  timeoutMs: 300_000,
  expectedMs: 300,
  resources: { cpus: 1, memoryMb: 512 },
  // Gitleaks has no severities. A finding is a secret with a known shape, so high; critical is what opens an account
  // or a machine by itself, medium what is recognised by its surroundings only or does not open anything alone.
  severities: {
    warning: 'high',
    'private-key': 'critical',
    'aws-access-token': 'critical',
    'github-pat': 'critical',
    'github-fine-grained-pat': 'critical',
    'gitlab-pat': 'critical',
    'hashicorp-tf-password': 'critical',
    'vault-service-token': 'critical',
    'generic-api-key': 'medium',
    jwt: 'medium',
    'jwt-base64': 'medium',
    'curl-auth-header': 'medium',
    'curl-auth-user': 'medium',
    'mailgun-pub-key': 'low',
    'lob-pub-api-key': 'low',
    'flutterwave-public-key': 'low',
    'adobe-client-id': 'low',
    'discord-client-id': 'low',
    'linkedin-client-id': 'low',
    'plaid-client-id': 'low',
  },
  options,
  steps: ({ args }) => [
    {
      id: 'scan',
      // One path only: given two, Gitleaks scans the working folder instead. No -l debug: that prints what it decodes.
      argv: [
        ...['gitleaks', 'dir', '.', '--no-banner', '--no-color', '--redact', '--ignore-gitleaks-allow'],
        ...args,
        '-f',
        'sarif',
        '-r',
        { at: 'out', sub: 'gitleaks.sarif' },
      ],
      exits: { '0': 'clean', '1': 'findings' },
    },
  ],
  variants,
  parse: (raw, context) => {
    const sarif = readSarif(raw.report, {
      output: 'report',
      drivers: ['gitleaks'],
      kind: 'secret',
      relative: context.relative,
    });
    if (!sarif.ok) return sarif;
    return {
      ok: true,
      findings: withoutRepeats(sarif.reading.findings).map((finding) => ({
        ...finding,
        rule: { ...finding.rule, cwe: ['CWE-798'] },
      })),
      notes: [...sarif.reading.notes, ...warnings(context.log.stderr)],
      examined: {
        count: Number(/\bscanned ~(\d{1,15}) bytes/.exec(context.log.stderr)?.[1] ?? 0),
        unit: 'bytes',
        evidence: '`scanned ~N bytes` on standard error',
      },
    };
  },
  notChecked: () => [
    'secrets in archives and in the history of the repository',
    'files that Gitleaks passes over by its own rules: lock files, images, vendored and installed packages',
  ],
  sanitize: (_, text) => stableSarif(text),
});

/** The same secret may be reported twice, as it stands and decoded: one per rule and place is kept. */
function withoutRepeats(findings: readonly ParsedFinding[]): ParsedFinding[] {
  const places = new Map(
    findings.map((finding) => [JSON.stringify([finding.rule.id, finding.span]), finding]),
  );
  return [...places.values()];
}

/** Warnings and errors of its log, but for the count of leaks. */
function warnings(log: string): Note[] {
  return log
    .split('\n')
    .map((line) => /\b(?:WRN|ERR) (?!leaks found)(.*)$/.exec(line)?.[1])
    .filter((text) => text !== undefined)
    .slice(0, 1000)
    .map((text) => ({ message: oneLine(text) }));
}
