import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, Container, Service } from '@dagger.io/dagger';
import { type StageId, stageId } from '../../../core/ids.ts';
import type { ServiceStage } from '../../../planner/ir/ir.ts';
import type { RunningService, ServiceRequest, StackRuntime } from '../../ports.ts';
import { askHttp } from '../shared/ask-health.ts';
import { errorText } from './engine-failure.ts';
import type { Opened, Session } from './open-session.ts';

export interface DaggerServicesOptions {
  readonly session: () => Promise<Opened>;
  /** The address of an image as the engine is to pull it; undefined where it is none. */
  readonly address: (image: string) => string | undefined;
  readonly baseImage: string;
  /** Root of the secplan package. */
  readonly packageRoot: string;
}

export interface DaggerServices extends StackRuntime {
  /** The container with every service that accepts connections, each under its own name. */
  bound(container: Container): Container;
}

/** What a workspace has that no service needs, and that would be uploaded for nothing. */
const NOT_UPLOADED = ['.git', '**/node_modules', 'build/security-results'];
const STOP_MS = 5000;

/**
 * The stack as services of the engine: an image, a Dockerfile, or a command in the base image with the workspace at /src. The
 * engine waits until each port accepts connections; what a check by HTTP answers is asked through a tunnel. A check by command
 * would have to run inside the service, which the engine does not offer: there the ports decide.
 */
export function createDaggerServices(options: DaggerServicesOptions): DaggerServices {
  const services = new Map<string, Service>();
  const accepting = new Set<string>();

  async function start(request: ServiceRequest): ReturnType<StackRuntime['start']> {
    const opened = await options.session();
    if (!opened.ok) return { ok: false, detail: `${opened.detail}. ${opened.fix}` };
    const { session } = opened;
    try {
      const container = containerOf(session.client, request, options);
      if (container === undefined) return { ok: false, detail: 'it has neither an image nor a command' };
      const service = asService(boundTo(container, request.service.needs), request.service);
      services.set(request.service.service, service);
      const { service: name } = request.service;
      return { ok: true, service: run(session, service, request, () => accepting.add(name)) };
    } catch (error) {
      return { ok: false, detail: errorText(error) };
    }
  }

  /** Only those that it depends on: a binding waits for the other to accept connections. */
  function boundTo(container: Container, needs: readonly StageId[]): Container {
    return [...services]
      .filter(([name]) => needs.some((id) => id === stageId('service', name)))
      .reduce((sum, [name, service]) => sum.withServiceBinding(name, service), container);
  }

  function bound(container: Container): Container {
    return [...services]
      .filter(([name]) => accepting.has(name))
      .reduce((sum, [name, service]) => sum.withServiceBinding(name, service), container);
  }

  return {
    refuses: () => undefined,
    start,
    bound,
    endpoint: (service, port) => ({ host: service, port }),
  };
}

function run(
  session: Session,
  service: Service,
  request: ServiceRequest,
  onAccepting: () => void,
): RunningService {
  const { service: stage, logDir, redactor } = request;
  const log = join(logDir, `service.${stage.service}.stderr`);
  const ended = Promise.withResolvers<string>();
  let accepts = false;
  let tunnel: Promise<{ readonly host: string; readonly port: number }> | undefined;
  session.lost.addEventListener('abort', () => ended.resolve('the engine has stopped'), { once: true });
  service.start().then(
    () => {
      accepts = true;
      onAccepting();
    },
    (error) => {
      mkdirSync(logDir, { recursive: true });
      const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
      writeFileSync(log, redactor.text(`${errorText(error)}\n${stdout}${stderr}`), { mode: 0o600 });
      ended.resolve(errorText(error));
    },
  );

  async function openTunnel(port: number) {
    const through = session.client.host().tunnel(service, { ports: [{ backend: port }] });
    const started = await through.start();
    const [host = '', at = ''] = (await started.endpoint()).split(':');
    return { host, port: Number(at) };
  }

  return {
    ended: ended.promise,
    logs: [log],
    async check(signal) {
      if (!accepts) return 'its ports do not accept connections yet';
      const { check } = stage.health;
      if (check.kind !== 'http') return undefined;
      try {
        tunnel ??= openTunnel(check.port);
        return await askHttp(await tunnel, check.path, `${stage.service}:${check.port}`, signal);
      } catch (error) {
        tunnel = undefined;
        return errorText(error);
      }
    },
    async stop() {
      const over = AbortSignal.timeout(STOP_MS);
      await Promise.race([
        service.stop({ kill: true }).catch(() => undefined),
        new Promise((resolve) => over.addEventListener('abort', resolve, { once: true })),
      ]);
      ended.resolve('stopped');
    },
  };
}

function containerOf(
  client: Client,
  { service, workspace, env }: ServiceRequest,
  { address, baseImage, packageRoot }: DaggerServicesOptions,
): Container | undefined {
  const source = () => client.host().directory(workspace, { exclude: NOT_UPLOADED });
  let container: Container;
  if (service.image !== undefined) {
    const from = address(service.image);
    if (from === undefined) return undefined;
    container = client.container().from(from);
  } else if (service.build !== undefined) {
    container = client.host().directory(join(workspace, service.build)).dockerBuild();
  } else {
    container = client.container().from(address(baseImage) ?? baseImage);
    container =
      service.builtIn === 'placeholder'
        ? container
            .withMountedFile(NODE, client.host().file(process.execPath))
            .withMountedDirectory(
              PLACEHOLDER,
              client.host().directory(join(packageRoot, 'assets/placeholder')),
            )
        : container.withMountedDirectory('/src', source()).withWorkdir(join('/src', service.folder));
  }
  for (const [name, value] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const secret = service.env[name]?.some((part) => typeof part !== 'string') === true;
    container = secret
      ? container.withSecretVariable(name, client.setSecret(`${service.service} ${name}`, value))
      : container.withEnvVariable(name, value);
  }
  return service.ports.reduce((sum, port) => sum.withExposedPort(port), container);
}

const NODE = '/secplan/node';
const PLACEHOLDER = '/secplan/placeholder';

function asService(container: Container, service: ServiceStage): Service {
  if (service.builtIn === 'placeholder') {
    const [port = 0] = service.ports;
    return container.asService({ args: [NODE, `${PLACEHOLDER}/server.mjs`, String(port), '0.0.0.0'] });
  }
  const own = service.image === undefined && service.build === undefined;
  const args = own ? service.localCommand : service.command;
  return args === undefined
    ? container.asService({ useEntrypoint: true })
    : container.asService({ args: [...args] });
}
