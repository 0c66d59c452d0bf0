import type { Plan, ServiceStage, StageTarget, ToolStage } from '../../planner/ir/ir.ts';
import type { StackEndpoint, StackRuntime } from '../ports.ts';

export interface StackAddresses {
  /** Base URL of an HTTP target that is a service; undefined for every other. */
  endpoint(target: StageTarget): string | undefined;
  /** All that a stage of network `stack` may reach. */
  endpoints(stage: Pick<ToolStage, 'network'>): readonly StackEndpoint[];
  /** Variables for a stage of network `stack`. */
  env(stage: Pick<ToolStage, 'network'>): Readonly<Record<string, string>>;
}

/** Where stages find the stack of a plan: its services as the runtime starts them, or a reused one's URL. */
export function stackAddresses(plan: Plan, runtime: StackRuntime | undefined): StackAddresses {
  const services = plan.stages.filter((stage): stage is ServiceStage => stage.kind === 'service');
  const base = plan.stack?.base;
  const reused = base !== undefined && 'url' in base ? base.url.replace(/\/+$/, '') : undefined;

  function urlOf(service: string, port: number): string | undefined {
    const at = runtime?.endpoint(service, port);
    return at === undefined ? undefined : `http://${at.host}:${at.port}`;
  }

  function endpoint({ kind, details }: StageTarget): string | undefined {
    if (kind !== 'http' || typeof details?.service !== 'string') return undefined;
    if (reused !== undefined) return reused;
    const port = services.find(({ service }) => service === details.service)?.ports[0];
    return port === undefined ? undefined : urlOf(details.service, port);
  }

  return {
    endpoint,
    endpoints({ network }) {
      if (network !== 'stack') return [];
      if (reused !== undefined) return [endpointOfUrl(reused)];
      if (runtime === undefined) return [];
      return services.flatMap(({ service, ports }) => ports.map((port) => runtime.endpoint(service, port)));
    },
    env({ network }) {
      if (network !== 'stack' || base === undefined) return {};
      const url = 'url' in base ? reused : urlOf(base.service, base.port);
      return url === undefined ? {} : { STACK_BASE_URL: url };
    },
  };
}

function endpointOfUrl(text: string): StackEndpoint {
  const url = new URL(text);
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}
