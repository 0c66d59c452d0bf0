import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

const exit = z.enum(['clean', 'findings', 'ok']);

/** What the compiler makes of an entry of `tools.custom`. */
export const options = z.object({
  /** Program and arguments. With a folder in its name the program is a file of the workspace, else one of /usr/bin. */
  command: z.array(z.string()).min(1).optional(),
  /** Its own entry point is what runs, where there is no command. */
  image: z.string().optional(),
  /** Files that it sees. */
  inputs: z.array(z.string()).default(['**']),
  /** Format of what it writes to standard output. */
  report: z.enum(['sarif', 'cyclonedx', 'spdx', 'junit']).default('sarif'),
  category: z.string().optional(),
  /** What its exit codes mean; any other is a failure. */
  exits: z.record(z.string().regex(/^(0|[1-9][0-9]{0,2})$/), exit).default({ '0': 'ok', '1': 'ok' }),
});

export type Options = z.infer<typeof options>;

/**
 * The user's own stage. The report goes to standard output, which may be a socket: not to be opened as /dev/stdout.
 * What it prints to standard error is its log.
 */
export const stage: StageData = {
  id: 'custom',
  kind: 'scan',
  userDefined: true,
  category: 'sast',
  tool: {
    name: 'Custom stage',
    homepage: 'https://secplan.dev/docs/custom-stages',
    license: 'LicenseRef-user',
    status: 'active',
  },
  // env starts the command, whatever it is: a script of the workspace or a program of the system. One that names an image
  // runs in that, and the planner makes its provider of the address.
  providers: [{ name: 'command', runtime: 'local', kind: 'path', package: 'env', bin: 'env' }],
  requires: { target: 'source', selection: { include: ['**'] } },
  // The one that `report` names is written; the parser says so when it was not.
  outputs: [
    { name: 'sarif', type: 'sarif', mediaType: 'application/sarif+json', required: false },
    { name: 'cyclonedx', type: 'cyclonedx', mediaType: 'application/vnd.cyclonedx+json', required: false },
    { name: 'spdx', type: 'spdx', mediaType: 'application/spdx+json', required: false },
    { name: 'junit', type: 'xml', mediaType: 'application/xml', required: false },
  ],
  faults: [],
  timeoutMs: 120_000,
  expectedMs: 1_000,
  resources: { cpus: 1, memoryMb: 512 },
  // Levels of SARIF, severities of CycloneDX, outcomes of JUnit (`failure`; `error` is SARIF's, too).
  severities: {
    critical: 'critical',
    high: 'high',
    error: 'high',
    medium: 'medium',
    warning: 'medium',
    failure: 'medium',
    low: 'low',
    note: 'low',
    info: 'info',
    none: 'info',
  },
};
