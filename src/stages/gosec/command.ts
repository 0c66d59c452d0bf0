import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        // Comments (`#nosec`) must not silence a finding.
        ...['gosec', '-nosec', '-fmt', 'json'],
        ...(options.tests ? ['-tests'] : []),
        ...(options.exclude.length > 0 ? [`-exclude=${options.exclude.join(',')}`] : []),
        ...args,
        { at: 'out', sub: 'gosec.json', prefix: '-out=' },
        './...',
      ],
      env: {
        // It asks Go for the packages: that of the system, wherever the two usual ways put it.
        PATH: '/usr/local/go/bin:/usr/bin:/bin',
        // Nothing is fetched, built with C, or started in another version that the tree asks for.
        GOFLAGS: '-mod=mod',
        GOPROXY: 'off',
        GOSUMDB: 'off',
        GOTOOLCHAIN: 'local',
        GOWORK: 'off',
        CGO_ENABLED: '0',
        GOCACHE: { at: 'tmp', sub: 'go-build' },
        GOPATH: { at: 'tmp', sub: 'go' },
      },
      // 1 also for files that it could not check: the report tells.
      exits: { '0': 'ok', '1': 'ok' },
    },
  ],
  notChecked: ({ exclude, tests }) => [
    'types from Go modules that are not in the workspace: rules that need them find less',
    ...(exclude.length > 0 ? [`gosec rules ${exclude.join(', ')}`] : []),
    ...(tests ? [] : ['Go test files']),
  ],
};
