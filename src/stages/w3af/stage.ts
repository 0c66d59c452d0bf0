import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'w3af',
  kind: 'scan',
  category: 'dast',
  // The last commit of its project is of June 2020; it needs Python 2.
  tool: {
    name: 'w3af',
    homepage: 'https://github.com/andresriancho/w3af',
    license: 'GPL-2.0-only',
    status: 'archived',
  },
  providers: [
    { name: 'path', runtime: 'local', kind: 'path', package: 'w3af', bin: 'w3af_console' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'andresriancho/w3af',
      bin: '/home/w3af/w3af/w3af_console',
    },
  ],
  // Of a credential it would make a file, which a container's layers keep: so it is not given one.
  requires: { target: 'http', files: ['openapi'], network: 'stack' },
  outputs: [{ name: 'report', type: 'xml', mediaType: 'application/xml', file: 'w3af.xml' }],
  faults: [
    {
      in: 'stdout',
      pattern: '^(Traceback |The following error was detected|.*target server is not reachable)',
      meaning: 'w3af failed, or the target did not answer',
    },
  ],
  assets: { http: 'src/stages/families/http/assets' },
  timeoutMs: 3_600_000,
  expectedMs: 600_000,
  resources: { cpus: 2, memoryMb: 2048 },
  severities: { high: 'high', medium: 'medium', low: 'low', information: 'info' },
};
