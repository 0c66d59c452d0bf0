import type { ServiceStage } from '../../../../planner/ir/ir.ts';
import type { ServiceRequest, StackEndpoint, StackRuntime } from '../../../ports.ts';
import { isPortFree, type ServicePlace } from '../../shared/ask-health.ts';
import { LocalService } from './local-service.ts';
import { localCommand } from './service-process.ts';
import { type SocketFolder, socketFolder } from './socket-folder.ts';
import { openStackWorld, type StackWorld, type StackWorldOptions } from './stack-world.ts';

export interface LocalServicesOptions extends StackWorldOptions {
  /** Whether services stand in a private network: what `endpoint` says before any is started. */
  readonly isPrivate: boolean;
}

export interface LocalServices extends StackRuntime {
  close(): void;
}

/**
 * Services as processes of this machine: in sandboxes that share one private network, or where there is no sandbox, on the
 * host's loopback. They share one loopback, so each port can be used once.
 */
export function createLocalServices(options: LocalServicesOptions): LocalServices {
  return new LocalStack(options);
}

/** Owns the network that services share, its bridge, and the folder of its sockets. */
class LocalStack implements LocalServices {
  readonly #options: LocalServicesOptions;
  readonly #owners = new Map<number, string>();
  readonly #sockets: SocketFolder;
  #opening: Promise<StackWorld> | undefined;
  #world: StackWorld | undefined;

  constructor(options: LocalServicesOptions) {
    this.#options = options;
    this.#sockets = socketFolder(options.tempDir);
  }

  refuses(service: ServiceStage): string | undefined {
    if (localCommand(service, this.#options.packageRoot) !== undefined) return undefined;
    return 'it is an image, but the local runtime has no containers: give it a command (in a Compose file x-secplan.command), or use --runtime dagger';
  }

  async start(request: ServiceRequest): ReturnType<StackRuntime['start']> {
    const { service } = request;
    const command = localCommand(service, this.#options.packageRoot);
    if (command === undefined) return { ok: false, detail: 'it has no command' };
    try {
      this.#opening ??= openStackWorld(this.#options, request.names);
      const world = await this.#opening;
      this.#world = world;
      const taken = await this.#takePorts(request, world);
      if (taken !== undefined) return { ok: false, detail: taken };
      const { tempDir } = this.#options;
      const place = (port: number) => this.#placeOf(service.service, port, world);
      return { ok: true, service: new LocalService({ request, command, tempDir, world, place }) };
    } catch (error) {
      return { ok: false, detail: error instanceof Error ? error.message : String(error) };
    }
  }

  endpoint(service: string, port: number): StackEndpoint {
    if (!this.#options.isPrivate) return { host: '127.0.0.1', port };
    return { host: service, port, to: { unixSocket: this.#sockets.path(service, port) } };
  }

  close(): void {
    this.#world?.close();
    this.#sockets.remove();
  }

  async #takePorts({ service }: ServiceRequest, { bridge }: StackWorld): Promise<string | undefined> {
    for (const port of service.ports) {
      const owner = this.#owners.get(port);
      if (owner !== undefined && owner !== service.service)
        return `port ${port} is already used by service ${owner}: services of the local runtime share one loopback address`;
      this.#owners.set(port, service.service);
      if (bridge === undefined && !(await isPortFree(port)))
        return `port ${port} is used by another program on this machine`;
      await bridge?.open(port, this.#sockets.path(service.service, port));
    }
    return undefined;
  }

  #placeOf(service: string, port: number, { bridge }: StackWorld): ServicePlace {
    return bridge === undefined
      ? { host: '127.0.0.1', port }
      : { socketPath: this.#sockets.path(service, port) };
  }
}
