import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  // Without a dashboard and a collection there is nothing that it could test: the stage is incomplete.
  steps: ({ options: { dashboard, collection, tests }, args, provider }) =>
    dashboard === undefined || collection === undefined
      ? []
      : [
          {
            id: 'test',
            argv: [
              ...(provider.kind === 'image'
                ? ['java', '-jar', '/app/testing-cli-1.0-SNAPSHOT-jar-with-dependencies.jar']
                : ['akto-testing-cli']),
              ...args,
            ],
            env: {
              AKTO_DASHBOARD_URL: dashboard,
              API_COLLECTION_ID: String(collection),
              TEST_IDS: tests.length === 0 ? 'all' : tests.join(' '),
              OVERRIDE_APP_URL: { at: 'endpoint' },
              // Its last line then tells that it came to its end.
              OUTPUT_LEVEL: 'SUMMARY',
            },
            stdout: 'report',
            exits: { '0': 'ok' },
          },
        ],
  notChecked: ({ dashboard, collection }) => [
    'tests that need traffic recorded by the dashboard (context tests)',
    ...(dashboard === undefined || collection === undefined
      ? ['every API: no dashboard or collection is configured (options dashboard, collection)']
      : []),
  ],
};
