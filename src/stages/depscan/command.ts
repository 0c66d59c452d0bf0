import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        ...['depscan', '--no-banner', '--no-vuln-table'],
        ...['--src', '.', '--bom', { at: 'artifact', name: 'sbom' } as const],
        ...['--reports-dir', { at: 'out', sub: 'reports' } as const],
        ...['--vulnerability-analyzer', 'VDRAnalyzer', '--reachability-analyzer', 'off'],
        ...['--vdb-scope', options.scope],
        ...args,
      ],
      env: { VDB_HOME: { at: 'tmp', sub: 'vdb' } },
      exits: { '0': 'ok' },
    },
  ],
  notChecked: () => ['whether flawed code can be reached: only the bill of materials is read'],
};
