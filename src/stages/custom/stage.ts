import * as z from 'zod';
import { defineStage } from '../contract/definition.ts';
import { stableSarif } from '../formats/sanitize.ts';
import { readReport } from './output.ts';
import { variants } from './variants.ts';

const exit = z.enum(['clean', 'findings', 'ok']);

/** What the compiler makes of an entry of `tools.custom`. */
const options = z.object({
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

/**
 * The user's own stage. The report goes to standard output, which may be a socket: not to be opened as /dev/stdout.
 * What it prints to standard error is its log.
 */
export const stage = defineStage<z.infer<typeof options>>({
  id: 'custom',
  kind: 'scan',
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
  options,
  steps: ({ options, provider, args }) => {
    const [program, ...rest] = options.command ?? [];
    const { report: stdout, exits } = options;
    if (provider.kind === 'image') {
      if (program === undefined) return [{ id: 'run', argv: args, entrypoint: true, stdout, exits }];
      return program === '' ? [] : [{ id: 'run', argv: [program, ...rest, ...args], stdout, exits }];
    }
    // env would take these for its own options or for variables to set; without a step the stage is incomplete.
    if (program === undefined || program === '' || program.startsWith('-') || program.includes('='))
      return [];
    return [{ id: 'run', argv: ['env', program, ...rest, ...args], stdout, exits }];
  },
  variants,
  parse: (raw, context) => readReport(raw, context, context.options as z.infer<typeof options>),
  sanitize: (output, text) => {
    if (output === 'sarif') return stableSarif(text);
    return output === 'junit' ? text.replace(/<(system-out|system-err)\b[^>]*>[\s\S]*?<\/\1>/g, '') : text;
  },
});
