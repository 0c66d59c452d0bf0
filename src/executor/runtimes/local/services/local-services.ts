import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../../io/clock.ts';
import type { ServiceStage } from '../../../../planner/ir/ir.ts';
import type { RunningService, ServiceRequest, StackRuntime } from '../../../ports.ts';
import { askHttp, askPort, isPortFree, type ServicePlace } from '../../shared/ask-health.ts';
import { openNetwork } from '../network/open-network.ts';
import { type SandboxProbe, systemProgram } from '../sandbox/probe-sandbox.ts';
import { startWarden } from '../sandbox/warden.ts';
import { type Bridge, openBridge } from './open-bridge.ts';
import { endText, localCommand, runServiceProcess, type ServiceWorld } from './service-process.ts';
import { socketFolder } from './socket-folder.ts';

export interface LocalServicesOptions {
  readonly clock: Clock;
  /** The runtime's own sandbox; undefined: there is none, by the user's wish. */
  readonly sandbox: () => Promise<SandboxProbe | undefined>;
  /** Whether services stand in a private network: what `endpoint` says before any is started. */
  readonly isPrivate: boolean;
  readonly tempDir: string;
  readonly packageRoot: string;
  /** Told once, when services run on the host. */
  readonly onHost: () => void;
}

export interface LocalServices extends StackRuntime {
  close(): void;
}

interface World extends ServiceWorld {
  readonly bridge?: Bridge;
  close(): void;
}

/**
 * Services as processes of this machine: in sandboxes that share one private network, or where there is no sandbox, on the
 * host's loopback. They share one loopback, so each port can be had once.
 */
export function createLocalServices(options: LocalServicesOptions): LocalServices {
  const { clock, tempDir, packageRoot } = options;
  const owners = new Map<number, string>();
  const sockets = socketFolder(tempDir);
  let opening: Promise<World> | undefined;
  let world: World | undefined;

  async function open(names: readonly string[]): Promise<World> {
    const probed = await options.sandbox();
    if (probed === undefined) {
      options.onHost();
      const mark = `${process.pid}.${crypto.randomUUID()}`;
      const warden = startWarden(`SECPLAN_STACK=${mark}`, 'environ');
      return { clock, packageRoot, mark, close: warden.dismiss };
    }
    if (!probed.ok) throw new Error(`no working sandbox: ${probed.detail}`);
    const { sandbox } = probed;
    const nsenter = systemProgram('nsenter');
    if (nsenter === undefined) throw new Error('nsenter (util-linux) is not installed');
    const network = await openNetwork(
      { forwards: [] },
      { bwrap: sandbox.bwrap, nsenter, ip: systemProgram('ip'), mark: sandbox.mark },
    );
    try {
      const bridge = await openBridge(network.enter, sandbox.mark);
      const hostsFile = join(tempDir, 'stack-hosts');
      const lines = [
        '127.0.0.1 localhost secplan',
        '::1 localhost',
        ...names.map((name) => `127.0.0.1 ${name}`),
      ];
      writeFileSync(hostsFile, `${lines.join('\n')}\n`);
      return {
        clock,
        packageRoot,
        sandbox: { working: sandbox, enter: network.enter, hostsFile },
        bridge,
        close() {
          bridge.close();
          network.close();
        },
      };
    } catch (error) {
      network.close();
      throw error;
    }
  }

  async function takePorts({ service }: ServiceRequest, on: World): Promise<string | undefined> {
    for (const port of service.ports) {
      const owner = owners.get(port);
      if (owner !== undefined && owner !== service.service)
        return `port ${port} is already used by service ${owner}: services of the local runtime share one loopback address`;
      owners.set(port, service.service);
      if (on.bridge === undefined && !(await isPortFree(port)))
        return `port ${port} is used by another program on this machine`;
      await on.bridge?.open(port, sockets.path(service.service, port));
    }
    return undefined;
  }

  function placeOf(service: string, port: number, on: World): ServicePlace {
    return on.bridge === undefined
      ? { host: '127.0.0.1', port }
      : { socketPath: sockets.path(service, port) };
  }

  async function start(request: ServiceRequest): ReturnType<StackRuntime['start']> {
    const { service } = request;
    const command = localCommand(service, packageRoot);
    if (command === undefined) return { ok: false, detail: 'it has no command' };
    try {
      opening ??= open(request.names);
      world = await opening;
      const taken = await takePorts(request, world);
      if (taken !== undefined) return { ok: false, detail: taken };
      return { ok: true, service: run(request, command, world) };
    } catch (error) {
      return { ok: false, detail: error instanceof Error ? error.message : String(error) };
    }
  }

  function run(request: ServiceRequest, command: readonly string[], on: World): RunningService {
    const { service, logDir } = request;
    const stopping = new AbortController();
    const scratch = join(tempDir, 'services', service.service);
    const name = `service.${service.service}`;
    mkdirSync(logDir, { recursive: true });
    const running = runServiceProcess(on, { request, command, name, scratch, signal: stopping.signal });
    const ended = running.then(endText, (error) => String(error));
    const checks = new Set<Promise<unknown>>();
    let count = 0;

    async function check(signal: AbortSignal): Promise<string | undefined> {
      const { check: how } = service.health;
      switch (how.kind) {
        case 'alive':
          return undefined;
        case 'tcp':
          return on.bridge === undefined ? askPort(how.port, signal) : on.bridge.ask(how.port);
        case 'http': {
          const host = `${service.service}:${how.port}`;
          return askHttp(placeOf(service.service, how.port, on), how.path, host, signal);
        }
        case 'command':
          return askCommand(how.command, signal);
      }
    }

    async function askCommand(words: readonly string[], signal: AbortSignal): Promise<string | undefined> {
      count += 1;
      const step = `${name}.health-${count}`;
      const asked = runServiceProcess(on, {
        request,
        command: words,
        name: step,
        scratch,
        signal: AbortSignal.any([signal, stopping.signal]),
        timeoutMs: service.health.timeoutMs,
      }).catch((error): { ok: false; text: string } => ({ ok: false, text: String(error) }));
      checks.add(asked);
      const end = await asked;
      checks.delete(asked);
      for (const stream of ['stdout', 'stderr']) rmSync(join(logDir, `${step}.${stream}`), { force: true });
      if (end.ok && end.exitCode === 0) return undefined;
      return `its health check: ${'text' in end ? end.text : endText(end)}`;
    }

    return {
      ended,
      check,
      logs: ['stdout', 'stderr'].map((stream) => join(logDir, `${name}.${stream}`)),
      async stop() {
        stopping.abort();
        await Promise.all([ended, ...checks]);
        rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
      },
    };
  }

  return {
    refuses(service: ServiceStage) {
      if (localCommand(service, packageRoot) !== undefined) return undefined;
      return 'it is an image, but the local runtime has no containers: give it a command (in a Compose file x-secplan.command), or use --runtime dagger';
    },
    start,
    endpoint(service, port) {
      if (!options.isPrivate) return { host: '127.0.0.1', port };
      return { host: service, port, to: { unixSocket: sockets.path(service, port) } };
    },
    close() {
      world?.close();
      sockets.remove();
    },
  };
}
