import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** Folder of the Rails application below the source target, for example `services/shop`. */
  app: z
    .string()
    .regex(/^(?!\/|-)(?!.*(?:^|\/)\.\.(?:\/|$))[A-Za-z0-9._/-]+$/)
    .default('.'),
  /** Checks to leave out, by name, for example `BasicAuth`. */
  except: z.array(z.string().regex(/^[A-Z][A-Za-z0-9]{1,60}$/)).default([]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'brakeman',
  kind: 'scan',
  category: 'sast',
  // No open-source licence: what it calls commercial use needs another.
  tool: {
    name: 'Brakeman',
    homepage: 'https://brakemanscanner.org/',
    license: 'LicenseRef-Brakeman-Public-Use-License',
    status: 'active',
  },
  // Its own package is a Ruby gem: it has to be on PATH, or in the image that the project publishes.
  providers: [
    { name: 'path', runtime: 'local', kind: 'path', package: 'brakeman', bin: 'brakeman' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'presidentbeef/brakeman',
      bin: '/usr/src/app/bin/brakeman',
    },
  ],
  requires: {
    target: 'source',
    selection: {
      include: [
        '**/*.{rb,erb,haml,slim,rhtml,rake,ru,jbuilder}',
        '**/config/**/*.{yml,yaml}',
        '**/{Gemfile,Gemfile.lock,gems.rb,gems.locked,.ruby-version}',
        '**/*.gemspec',
        '**/script/rails',
      ],
      exclude: [
        // Its own files: which warnings to ignore, which checks to skip, which Ruby files to load as further checks.
        '**/config/brakeman.{ignore,yml,yaml}',
        '**/.brakeman.{yml,yaml}',
        // It passes over them anyway.
        '**/vendor/**',
      ],
    },
    // Ruby without Rails is none of its business.
    appliesIf: ['**/config/{application,environment}.rb', '**/script/rails'],
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'brakeman.json' }],
  faults: [
    {
      in: 'stderr',
      pattern: '^(?:\\S+\\.rb:\\d+:in |Please (?:supply the path|install the appropriate)|\\[Error\\])',
      meaning: 'Brakeman reports an error',
    },
  ],
  timeoutMs: 600_000,
  expectedMs: 15_000,
  resources: { cpus: 2, memoryMb: 1024 },
  // Brakeman rates how sure it is, not how bad a flaw is: its own SARIF calls these error, warning and note. What is
  // rated by rule is as bad as it gets when true, or a matter of hardening.
  severities: {
    high: 'high',
    medium: 'medium',
    weak: 'low',
    error: 'high',
    warning: 'medium',
    note: 'low',
    // Remote code execution by the default YAML parser of Rails, CVE-2013-0156.
    brake0048: 'critical',
    // Cookies that scripts may read, cookies over plain HTTP, no redirect to HTTPS.
    brake0026: 'low',
    brake0027: 'low',
    brake0109: 'low',
    // Ruby or Rails that is out of support, or will be.
    brake0120: 'medium',
    brake0121: 'medium',
    brake0122: 'low',
    brake0123: 'low',
    // Division by a value of the user: an exception.
    brake0104: 'low',
  },
};
