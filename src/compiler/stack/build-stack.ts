import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Manifest, Service } from '../manifest.gen.ts';
import type { ModelService, ModelStack } from '../model/model.ts';
import type { CheckContext } from '../names/check-context.ts';
import { checkPath } from '../source/check-path.ts';
import { LIMITS } from '../source/limits.ts';
import { pointer } from '../source/pointer.ts';
import type { Reporter } from '../source/reporter.ts';
import { checkServices, type WrittenService } from './check-services.ts';
import { envParts } from './env-parts.ts';
import type { FromCompose, fromCompose } from './from-compose.ts';
import { serviceEnv } from './service-env.ts';
import { serviceHealth } from './service-health.ts';

export interface BuiltStack {
  readonly stack: ModelStack;
  /** About the Compose file, with places in it. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The manifest's stack, of its own services and those of a Compose file; undefined where it has none.
 * @param reuse `--stack-base-url`, which wins over `stack.reuse`
 * @param compose reads a Compose file; needed where `written` names one
 */
export function buildStack(
  written: Manifest['stack'],
  reuse: string | undefined,
  context: CheckContext,
  compose?: typeof fromCompose,
): BuiltStack | undefined {
  const { out } = context;
  const url = reuse ?? written?.reuse;
  if (url !== undefined) checkBaseUrl(url, reuse === undefined ? '/stack/reuse' : undefined, out);
  if (written === undefined && url === undefined) return undefined;
  const own = Object.entries(written?.services ?? {}).map(([name, service]): WrittenService => {
    const at = pointer('stack', 'services', name);
    const dependsOn = service.dependsOn ?? [];
    return {
      service: ownService(name, service, at, context),
      out,
      dependencyPointer: (to) => `${at}/dependsOn/${dependsOn.indexOf(to)}`,
    };
  });
  if (own.length > LIMITS.services)
    out.report('SP2005', '/stack/services', `more than ${LIMITS.services} services`);
  const read = written?.compose === undefined ? NOTHING : readWith(compose, written.compose, context);
  const all = [...own];
  for (const one of read.services) {
    const twice = own.some(({ service }) => service.name === one.service.name);
    if (twice) {
      const at = pointer('stack', 'services', one.service.name);
      out.reportKey('SP2016', at, 'the Compose file also has a service with this name', {
        value: one.service.name,
      });
    } else all.push(one);
  }
  checkServices(all, read.names);
  const services = all.map(({ service }) => service).sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    stack: url === undefined ? { from: 'services', services } : { from: 'reuse', reuse: url, services: [] },
    diagnostics: read.diagnostics?.() ?? [],
  };
}

function ownService(name: string, service: Service, at: string, context: CheckContext): ModelService {
  const { names, out } = context;
  const { image, command } = service;
  const build = service.build === undefined ? undefined : checkPath(service.build, `${at}/build`, context);
  const ports = [...new Set(service.ports)];
  const env = Object.entries(service.env ?? {}).map(([key, text]) => ({
    name: key,
    text: envParts(text),
    pointer: `${at}/env${pointer(key)}`,
  }));
  return {
    name,
    ...(image === undefined ? {} : { image }),
    ...(build === undefined ? {} : { build }),
    ...(command === undefined ? {} : { command, localCommand: command }),
    folder: '.',
    ports,
    env: serviceEnv(env, names, out),
    health: serviceHealth(service.health, ports, `${at}/health`, out),
    dependsOn: [...new Set(service.dependsOn)].sort(),
    pointer: at,
  };
}

const NOTHING: FromCompose = { names: [], services: [] };

function readWith(
  compose: typeof fromCompose | undefined,
  ...given: Parameters<typeof fromCompose>
): FromCompose {
  if (compose === undefined) throw new Error('no reader for the Compose file');
  return compose(...given);
}

/** A base URL is printed and stored: it holds no credentials. */
function checkBaseUrl(url: string, at: string | undefined, out: Reporter): void {
  const parsed = URL.parse(url);
  const http = parsed !== null && (parsed.protocol === 'http:' || parsed.protocol === 'https:');
  if (http && parsed.username === '' && parsed.password === '' && parsed.search === '' && parsed.hash === '')
    return;
  const summary = 'the base URL of a stack is http or https, without user, query or fragment';
  if (at === undefined) out.reportUsage('SP2005', `--stack-base-url: ${summary}`);
  else out.report('SP2005', at, summary);
}
