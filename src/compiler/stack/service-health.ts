import type { ModelHealth } from '../model/model.ts';
import type { Reporter } from '../source/reporter.ts';
import { parseDuration } from '../source/units.ts';

/** `health` as a manifest writes it, and `x-secplan.health` of a Compose file. */
export interface WrittenHealth {
  readonly http?: string | undefined;
  readonly tcp?: number | undefined;
  readonly command?: readonly string[] | undefined;
  readonly interval?: string | undefined;
  readonly timeout?: string | undefined;
}

export const DEFAULT_INTERVAL_MS = 1000;
export const DEFAULT_TIMEOUT_MS = 60_000;

/** A service's health check; without one, its first port must accept connections, and without a port it must live. */
export function serviceHealth(
  written: WrittenHealth | undefined,
  ports: readonly number[],
  at: string,
  out: Reporter,
): ModelHealth {
  const duration = (name: 'interval' | 'timeout', otherwise: number): number => {
    const text = written?.[name];
    if (text === undefined) return otherwise;
    const ms = parseDuration(text);
    if (ms === undefined) out.report('SP2005', `${at}/${name}`, 'duration is out of range', { value: text });
    return ms ?? otherwise;
  };
  const times = {
    intervalMs: duration('interval', DEFAULT_INTERVAL_MS),
    timeoutMs: duration('timeout', DEFAULT_TIMEOUT_MS),
  };
  const [port] = ports;
  if (written?.command !== undefined)
    return { check: { kind: 'command', command: written.command }, ...times };
  if (written?.tcp !== undefined) return { check: { kind: 'tcp', port: written.tcp }, ...times };
  if (written?.http !== undefined) {
    if (port === undefined) {
      out.report('SP2042', `${at}/http`, 'a service with an HTTP health check needs a port', {
        help: 'List the port that it listens on in `ports`; secplan uses the first one.',
      });
    }
    return { check: { kind: 'http', path: written.http, port: port ?? 0 }, ...times };
  }
  return { check: port === undefined ? { kind: 'alive' } : { kind: 'tcp', port }, ...times };
}
