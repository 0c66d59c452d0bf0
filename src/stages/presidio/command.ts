import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

/** Lines of each file that `sample: true` looks at. */
const SAMPLE_LINES = 200;

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => {
    const settings = {
      entities: options.entities,
      language: options.language,
      model: options.model ?? null,
      sample: options.sample === true ? SAMPLE_LINES : options.sample || null,
      scoreThreshold: options.scoreThreshold,
    };
    return [
      {
        id: 'scan',
        argv: [
          'python',
          // Isolated: nothing is imported from the samples' folder.
          '-I',
          { at: 'asset', name: 'script' },
          { at: 'source' },
          { at: 'out', sub: 'presidio.json' },
          JSON.stringify(settings),
          ...args,
        ],
        exits: { '0': 'ok' },
      },
    ];
  },
  notChecked: ({ model, sample, entities }) => [
    ...(model === undefined ? ['names, places and organisations: no language model configured'] : []),
    ...(sample === false
      ? []
      : [`samples: at most ${sample === true ? SAMPLE_LINES : sample} lines of each file are looked at`]),
    ...(entities.length === 0 ? [] : [`personal data other than ${entities.join(', ')} (entities option)`]),
  ],
};
