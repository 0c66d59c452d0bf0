import * as z from 'zod';
import { defineStage } from '../contract/definition.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { baseline, readTrace, sanitizeBaseline, sanitizeTrace, toFindings } from './output.ts';

const options = z.object({});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'detect-secrets',
  kind: 'scan',
  category: 'secrets',
  perFile: true,
  tool: {
    name: 'detect-secrets',
    homepage: 'https://github.com/Yelp/detect-secrets',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    { name: 'pypi', runtime: 'local', kind: 'pypi', package: 'detect-secrets', bin: 'detect-secrets' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'detect-secrets', bin: 'detect-secrets' },
  ],
  requires: {
    target: 'source',
    selection: {
      include: ['**'],
      exclude: [
        // What it passes over by its own rules: the files it is given are then those that it reads.
        '**/{Brewfile.lock.json,Cartfile.resolved,Package.resolved,package-lock.json,packages.lock.json}',
        '**/*.{7z,bin,bmp,bz2,class,css,dmg,doc,eot,exe,gif,gz,ico,iml,ipr,iws,jar,jpg,jpeg,lock,map,mo}',
        '**/*.{pdf,png,prefs,psd,rar,realm,s7z,sum,svg,tar,tif,tiff,ttf,webp,woff,xls,xlsx,zip}',
      ],
    },
  },
  outputs: [
    { name: 'report', type: 'json', mediaType: 'application/json' },
    { name: 'files', type: 'text', mediaType: 'text/plain', mayBeEmpty: true },
  ],
  faults: [
    {
      in: 'stderr',
      pattern: '^\\[scan\\]\\tERROR\\t|^Traceback ',
      meaning: 'detect-secrets reports an error of its own',
    },
  ],
  timeoutMs: 300_000,
  expectedMs: 800,
  resources: { cpus: 1, memoryMb: 256 },
  // It has no severities. What opens an account or a machine by itself is critical, another known shape high, a name
  // or mere randomness medium and low.
  severities: {
    'artifactory-credentials': 'high',
    'aws-access-key': 'critical',
    'azure-storage-account-access-key': 'critical',
    'base64-high-entropy-string': 'low',
    'basic-auth-credentials': 'high',
    'cloudant-credentials': 'high',
    'discord-bot-token': 'high',
    'github-token': 'critical',
    'gitlab-token': 'critical',
    'hex-high-entropy-string': 'low',
    'ibm-cloud-iam-key': 'critical',
    'ibm-cos-hmac-credentials': 'high',
    'json-web-token': 'medium',
    'mailchimp-access-key': 'high',
    'npm-tokens': 'high',
    'openai-token': 'high',
    'private-key': 'critical',
    'public-ip-ipv4': 'info',
    'pypi-token': 'high',
    'secret-keyword': 'medium',
    'sendgrid-api-key': 'high',
    'slack-token': 'high',
    'softlayer-credentials': 'high',
    'square-oauth-secret': 'high',
    'stripe-access-key': 'high',
    'telegram-bot-token': 'high',
    'twilio-api-key': 'high',
  },
  options,
  steps: ({ args }) => [
    {
      id: 'scan',
      argv: [
        // -v: one line for each file that is read. --no-verify: it would try the secrets at their services.
        ...['detect-secrets', '-v', '--cores', '1', 'scan', '--all-files', '--no-verify'],
        // Comments (`pragma: allowlist secret`) must not silence a finding, nor a file's name.
        ...['--disable-filter', 'detect_secrets.filters.allowlist.is_line_allowlisted'],
        ...['--disable-filter', 'detect_secrets.filters.heuristic.is_swagger_file'],
        ...args,
        '.',
      ],
      stdout: 'report',
      stderr: 'files',
      exits: { '0': 'ok' },
    },
  ],
  parse: (raw, context) => {
    const report = readJsonReport('report', raw.report, baseline);
    if (!report.ok) return report;
    const { checked, notes } = readTrace(raw.files ?? '', context.relative);
    return {
      ok: true,
      findings: toFindings(report.value, context.relative),
      notes,
      examined: { count: checked, unit: 'files', evidence: '`Checking file` on standard error' },
    };
  },
  notChecked: () => ['secrets in lock files, archives, and files that are not UTF-8 text'],
  sanitize: (output, text) => (output === 'report' ? sanitizeBaseline(text) : sanitizeTrace(text)),
});
