import type { ArgvPart, StageCommand, Step } from '../contract/command.ts';
import { authEnv } from '../families/http/http-auth.ts';
import { documentsOf } from './documents.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args, target }) => {
    const step = (id: string, file: string, url: ArgvPart, report: string): Step => ({
      id,
      argv: [
        'schemathesis',
        ...['--config-file', { at: 'asset', name: 'schemathesis', sub: 'schemathesis.toml' } as const],
        ...['run', { at: 'source', sub: file } as const, '--url', url],
        ...['--report-json-path', { at: 'out', sub: report } as const, '--output-sanitize', 'true'],
        // The same cases in every run: a finding that comes and goes is no basis for a gate.
        ...['--generation-deterministic', '--workers', '1', '--no-color'],
        ...['--max-examples', String(options.maxExamples), '--continue-on-failure'],
        ...['--request-timeout', String(options.requestTimeout)],
        ...args,
      ],
      env: {
        SCHEMATHESIS_HOOKS: { at: 'asset', name: 'schemathesis', sub: 'hooks.py' },
        HYPOTHESIS_STORAGE_DIRECTORY: { at: 'tmp', sub: 'hypothesis' },
        ...authEnv(target),
      },
      exits: { '0': 'ok', '1': 'ok' },
    });
    return documentsOf(target).map(({ id, file, output }) =>
      step(
        id,
        file,
        id === 'openapi' ? { at: 'endpoint' } : { at: 'endpoint', sub: options.graphqlPath },
        output === 'report' ? 'schemathesis.json' : 'schemathesis-graphql.json',
      ),
    );
  },
  notChecked: () => ['documents in other files that the API description refers to'],
};
