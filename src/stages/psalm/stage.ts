import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { severities } from './rules.ts';

export const options = z.object({
  /** Version of PHP that the tree is written for, for example `8.3`; Psalm's own otherwise. */
  phpVersion: z
    .string()
    .regex(/^[5-9]\.[0-9]$/)
    .optional(),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'psalm',
  kind: 'scan',
  category: 'sast',
  tool: { name: 'Psalm', homepage: 'https://psalm.dev/', license: 'MIT', status: 'active' },
  providers: [
    { name: 'release', runtime: 'local', kind: 'release', package: 'vimeo/psalm', bin: 'psalm.phar' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'psalm', bin: 'psalm' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'ghcr.io/danog/psalm',
      bin: '/composer/vendor/bin/psalm',
    },
  ],
  requires: {
    target: 'source',
    selection: {
      // Neither psalm.xml, which can switch everything off and start plugins, nor composer.json and vendor/autoload.php:
      // Psalm runs the latter.
      include: ['**/*.php'],
      exclude: ['**/vendor/**', '**/autoload.php', '**/.phpstorm.meta.php'],
    },
  },
  outputs: [
    { name: 'report', type: 'json', mediaType: 'application/json', file: 'psalm.json' },
    { name: 'files', type: 'text', mediaType: 'text/plain', mayBeEmpty: true },
  ],
  faults: [
    {
      in: 'stderr',
      pattern: '^(?:PHP )?Fatal error: |^Uncaught |^Problem parsing |^Could not find any composer',
      meaning: 'Psalm reports an error',
    },
  ],
  assets: { config: 'src/stages/psalm/assets/psalm.xml' },
  timeoutMs: 600_000,
  expectedMs: 30_000,
  resources: { cpus: 1, memoryMb: 2048 },
  severities,
};
