import type { Manifest } from '../manifest.gen.ts';
import type { ModelStack, ModelTarget } from '../model/model.ts';
import { alternatives, type Reporter } from '../source/reporter.ts';
import { DEFAULT_INTERVAL_MS, DEFAULT_TIMEOUT_MS } from './service-health.ts';

/** Name of the service, and of the HTTP target, that stand in for a stack that is not there. */
export const PLACEHOLDER = 'placeholder';
/** Any will do: it listens in the stack's own network, or on a host that has to have it free. */
const PLACEHOLDER_PORT = 18_080;

/** What a profile that wants a stack is given where the manifest has none: an HTTP service of secplan's own. */
export function placeholderStack(): ModelStack {
  return {
    from: 'placeholder',
    services: [
      {
        name: PLACEHOLDER,
        folder: '.',
        ports: [PLACEHOLDER_PORT],
        env: {},
        health: {
          check: { kind: 'http', path: '/', port: PLACEHOLDER_PORT },
          intervalMs: DEFAULT_INTERVAL_MS,
          timeoutMs: DEFAULT_TIMEOUT_MS,
        },
        dependsOn: [],
        pointer: '',
      },
    ],
  };
}

/** Lets the stack be probed; scanners of real targets are not applicable to it. */
export const PLACEHOLDER_TARGET: ModelTarget = {
  kind: 'http',
  name: PLACEHOLDER,
  include: [],
  exclude: [],
  details: { service: PLACEHOLDER },
  pointer: '',
};

/** Reports HTTP targets whose service is not there (SP2040) or has no port (SP2042). A reused stack may have any service. */
export function checkTargetServices(
  targets: readonly ModelTarget[],
  written: Manifest['stack'],
  stack: ModelStack | undefined,
  out: Reporter,
): void {
  if (stack?.from === 'reuse' && written?.services === undefined) return;
  const services = new Map(stack?.services.map((service) => [service.name, service]));
  const known = stack?.from === 'reuse' ? Object.keys(written?.services ?? {}) : [...services.keys()];
  for (const { kind, details, pointer } of targets) {
    if (kind !== 'http' || typeof details.service !== 'string') continue;
    const name = details.service;
    if (!known.includes(name)) {
      out.report('SP2040', `${pointer}/service`, 'no service of the stack has this name', {
        ...alternatives(name, known),
        ...(stack === undefined ? { help: 'The manifest has no `stack`.' } : {}),
      });
    } else if (services.get(name)?.ports.length === 0) {
      out.report('SP2042', `${pointer}/service`, `service ${name} has no port`, {
        value: name,
      });
    }
  }
}
