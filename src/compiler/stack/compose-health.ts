import type { ModelHealth } from '../model/model.ts';
import { parseDuration } from '../source/units.ts';
import type { ComposeContext } from './compose-context.ts';
import { composeWords } from './compose-parts.ts';
import type { ComposeService } from './compose-service.ts';
import { DEFAULT_INTERVAL_MS, DEFAULT_TIMEOUT_MS, serviceHealth } from './service-health.ts';

/** `x-secplan.health` where it stands, else what `healthcheck` says, else the first port. */
export function composeHealth(
  service: ComposeService,
  ports: readonly number[],
  at: string,
  context: ComposeContext,
): ModelHealth {
  const { out } = context;
  const own = service['x-secplan']?.health;
  const check = service.healthcheck;
  if (own !== undefined) return serviceHealth(own, ports, `${at}/x-secplan/health`, out);
  const command = check === undefined || check.disable === true ? undefined : testCommand(check.test);
  if (check === undefined || command === undefined) return serviceHealth(undefined, ports, at, out);

  const ms = (key: 'interval' | 'timeout' | 'start_period', otherwise: number): number => {
    const text = check[key];
    if (text === undefined) return otherwise;
    const parsed = /^0(ms|s|m|h)?$/.test(text) ? 0 : parseDuration(text);
    if (parsed === undefined)
      out.report('SP2005', `${at}/healthcheck/${key}`, 'not a duration', { value: text });
    return parsed ?? otherwise;
  };
  const intervalMs = Math.max(1, ms('interval', DEFAULT_INTERVAL_MS));
  // Compose gives up after so many failures in a row that follow the start: the same time, as one deadline.
  const tries = (check.retries ?? 3) * (intervalMs + ms('timeout', 1000));
  const words = composeWords(command, `${at}/healthcheck/test`, context) ?? [];
  return {
    check: { kind: 'command', command: words },
    intervalMs,
    timeoutMs: Math.max(DEFAULT_TIMEOUT_MS, ms('start_period', 0) + tries),
  };
}

/** `["CMD", …]`, `["CMD-SHELL", text]`, a text for a shell, or `["NONE"]`. The shell is the container's own. */
function testCommand(test: NonNullable<ComposeService['healthcheck']>['test']): string[] | undefined {
  if (test === undefined) return undefined;
  if (typeof test === 'string') return ['/bin/sh', '-c', test];
  const [kind, ...rest] = test.map(String);
  if (kind === 'CMD') return rest;
  return kind === 'CMD-SHELL' ? ['/bin/sh', '-c', rest.join(' ')] : undefined;
}
