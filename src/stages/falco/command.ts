import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'watch',
      argv: [
        ...['falco', '-M', String(options.seconds)],
        ...['-o', 'engine.kind=modern_ebpf', '-o', 'json_output=true', '-o', 'stdout_output.enabled=true'],
        // Words for people go to standard error.
        ...['-o', 'log_stderr=true', '-o', 'log_syslog=false'],
        // No port is opened, and its files are read once.
        ...['-o', 'webserver.enabled=false', '-o', 'watch_config_files=false'],
        // Its own count of events, as an alert: without one nothing proves that it saw any.
        ...['-o', 'metrics.enabled=true', '-o', 'metrics.interval=2s', '-o', 'metrics.output_rule=true'],
        ...args,
      ],
      stdout: 'report',
      exits: { '0': 'ok' },
    },
  ],
  notChecked: ({ seconds }) => [
    `what happens on the machine outside the ${seconds} seconds that Falco watches`,
  ],
};
