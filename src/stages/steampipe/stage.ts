import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { cloudAccountOf } from '../families/cloud/cloud-account.ts';
import { readPowerpipe, sanitizePowerpipe } from './output.ts';

const options = z.object({});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'steampipe',
  kind: 'scan',
  category: 'cloud',
  tool: { name: 'Steampipe', homepage: 'https://steampipe.io', license: 'AGPL-3.0-only', status: 'active' },
  // Steampipe itself is a database; its project's Powerpipe, which took over `steampipe check`, asks it.
  providers: [
    { name: 'release', runtime: 'local', kind: 'release', package: 'turbot/powerpipe', bin: 'powerpipe' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'powerpipe', bin: 'powerpipe' },
  ],
  // The secret POWERPIPE_DATABASE says where a Steampipe service listens: the manifest has to let the tool reach it.
  requires: { target: 'cloud' },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json' }],
  faults: [{ in: 'stderr', pattern: '^(Error: |panic: )', meaning: 'Powerpipe reports an error of its own' }],
  assets: { mod: 'src/stages/steampipe/assets' },
  timeoutMs: 1_800_000,
  expectedMs: 60_000,
  resources: { cpus: 1, memoryMb: 512 },
  // A control's own severity.
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    none: 'info',
    alarm: 'medium',
  },
  options,
  steps: ({ args, target }) =>
    // Our controls ask the tables of AWS only.
    cloudAccountOf(target).provider !== 'aws'
      ? []
      : [
          {
            id: 'benchmark',
            argv: [
              ...['powerpipe', 'benchmark', 'run', 'aws', '--output', 'json'],
              ...['--mod-location', { at: 'asset', name: 'mod' } as const],
              ...['--progress=false', '--input=false', '--mod-install=false'],
              ...args,
            ],
            env: {
              POWERPIPE_INSTALL_DIR: { at: 'tmp', sub: 'powerpipe' },
              POWERPIPE_TELEMETRY: 'none',
              POWERPIPE_UPDATE_CHECK: 'false',
            },
            stdout: 'report',
            // 1 for alarms, 2 for controls in error: the report tells of both.
            exits: { '0': 'ok', '1': 'ok', '2': 'ok' },
          },
        ],
  parse: (raw, context) => readPowerpipe(raw.report, context),
  notChecked: () => [
    "benchmarks of others, Azure and Google Cloud: only secplan's own four controls for AWS are asked; they need the secret POWERPIPE_DATABASE and a network to that Steampipe service",
  ],
  sanitize: (_, text) => sanitizePowerpipe(text),
});
