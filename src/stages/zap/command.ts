import type { StageCommand } from '../contract/command.ts';
import { authEnv } from '../families/http/http-auth.ts';
import { automationPlan } from './automation-plan.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args, target }) => [
    {
      id: 'plan',
      system: true,
      argv: [
        ...['sh', { at: 'asset', name: 'http', sub: 'write-file.sh' } as const],
        ...[{ at: 'tmp', sub: 'plan.yaml' } as const, automationPlan(target, options)],
        ...[{ at: 'endpoint' } as const, { at: 'source' } as const, { at: 'out' } as const],
        { at: 'asset', name: 'zap' },
      ],
      exits: { '0': 'ok' },
    },
    {
      id: 'scan',
      argv: [
        // Silent: it asks nobody but the target, not even for news of itself.
        ...['zap.sh', '-cmd', '-silent', '-dir', { at: 'tmp', sub: 'zap' } as const],
        ...args,
        ...['-autorun', { at: 'tmp', sub: 'plan.yaml' } as const],
      ],
      env: { SECPLAN_URL: { at: 'endpoint' }, ...authEnv(target) },
      // 2: with warnings, for example that the base URL itself answers 404, as that of an API may.
      exits: { '0': 'ok', '2': 'ok' },
    },
  ],
  notChecked: ({ scan }) => [
    'pages that scripts build in a browser (no AJAX spider)',
    ...(scan === 'full' ? [] : ['attacks (option scan: full): the baseline scan only reads responses']),
  ],
};
