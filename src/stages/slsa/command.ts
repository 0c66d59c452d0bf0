import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const CONVENTION = ['checksums.txt'];

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'verify',
      argv: [
        ...['slsa-verifier', 'verify-artifact', '--provenance-path', options.provenance],
        ...['--source-uri', options.sourceUri ?? ''],
        ...(options.sourceTag === undefined ? [] : ['--source-tag', options.sourceTag]),
        ...(options.sourceBranch === undefined ? [] : ['--source-branch', options.sourceBranch]),
        ...(options.builderId === undefined ? [] : ['--builder-id', options.builderId]),
        ...args,
        ...(options.artifacts ?? CONVENTION),
      ],
      stderr: 'report',
      exits: { '0': 'ok', '1': 'ok' },
    },
  ],
  notChecked: ({ artifacts, builderId, sourceTag, sourceBranch }) => [
    'provenance of images, which is in their registries',
    ...(artifacts === undefined ? ['built files other than checksums.txt (artifacts option)'] : []),
    ...(builderId === undefined ? ['which trusted builder was used (builderId option)'] : []),
    ...(sourceTag === undefined && sourceBranch === undefined
      ? ['which version of the source was built (sourceTag option)']
      : []),
  ],
};
