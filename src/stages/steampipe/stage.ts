import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
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
  faults: [{ in: 'stderr', pattern: '^(Error: |panic: )', meaning: 'Powerpipe reports an error' }],
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
};
