import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { sarifVariant } from '../formats/variants.ts';
import { readPsalm, sanitizeLog, sanitizePsalm } from './output.ts';
import { severities } from './rules.ts';
import { variants } from './variants.ts';

const options = z.object({
  /** Version of PHP that the tree is written for, for example `8.3`; Psalm's own otherwise. */
  phpVersion: z
    .string()
    .regex(/^[5-9]\.[0-9]$/)
    .optional(),
});

export const stage = defineStage<z.infer<typeof options>>({
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
      meaning: 'Psalm reports an error of its own',
    },
  ],
  assets: { config: 'src/stages/psalm/assets/psalm.xml' },
  timeoutMs: 600_000,
  expectedMs: 30_000,
  resources: { cpus: 1, memoryMb: 2048 },
  severities,
  options,
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        'psalm',
        { at: 'asset', name: 'config', prefix: '--config=' },
        { at: 'source', prefix: '--root=' },
        ...['--taint-analysis', '--no-cache', '--monochrome', '--no-suggestions', '--ignore-baseline'],
        // Its log names each file that it analyses.
        '--debug',
        ...(options.phpVersion === undefined ? [] : [`--php-version=${options.phpVersion}`]),
        ...args,
        { at: 'out', sub: 'psalm.json', prefix: '--report=' },
      ],
      stderr: 'files',
      // 2: something was found; a file that is no PHP counts as that, too. 1 is an error of its own.
      exits: { '0': 'ok', '2': 'ok' },
    },
  ],
  variants: [...variants, sarifVariant(['Psalm'], 'code')],
  parse: (raw, context) => readPsalm(raw, context),
  notChecked: () => [
    'flows that a @psalm-suppress or @psalm-taint-escape comment silences, which no switch turns off',
    'flows through installed packages, which are not given to Psalm',
  ],
  sanitize: (output, text) => (output === 'files' ? sanitizeLog(text) : sanitizePsalm(text)),
});
