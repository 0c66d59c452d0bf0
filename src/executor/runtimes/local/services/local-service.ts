import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { unreachable } from '../../../../core/unreachable.ts';
import type { RunningService, ServiceRequest } from '../../../ports.ts';
import { askHttp, askPort, type ServicePlace } from '../../shared/ask-health.ts';
import { endText, runServiceProcess } from './service-process.ts';
import type { StackWorld } from './stack-world.ts';

interface ServiceStart {
  readonly request: ServiceRequest;
  readonly command: readonly string[];
  /** Below it the service gets a folder. Absolute. */
  readonly tempDir: string;
  readonly world: StackWorld;
  /** Where this process reaches a port of the service. */
  readonly place: (port: number) => ServicePlace;
}

/** A service that was started: owns its process, its health checks and its folder until it is stopped. */
export class LocalService implements RunningService {
  readonly ended: Promise<string>;
  readonly logs: readonly string[];
  readonly #start: ServiceStart;
  readonly #name: string;
  readonly #scratch: string;
  readonly #stopping = new AbortController();
  readonly #checks = new Set<Promise<unknown>>();
  #count = 0;

  constructor(start: ServiceStart) {
    const { request, command, world, tempDir } = start;
    const { service, logDir } = request;
    const [name, scratch] = [`service.${service.service}`, join(tempDir, 'services', service.service)];
    const { signal } = this.#stopping;
    this.#start = start;
    this.#name = name;
    this.#scratch = scratch;
    this.logs = ['stdout', 'stderr'].map((stream) => join(logDir, `${name}.${stream}`));
    mkdirSync(logDir, { recursive: true });
    const running = runServiceProcess(world, { request, command, name, scratch, signal });
    this.ended = running.then(endText, (error) => String(error));
  }

  async check(signal: AbortSignal): Promise<string | undefined> {
    const { world, request, place } = this.#start;
    const { service } = request;
    const { check } = service.health;
    switch (check.kind) {
      case 'alive':
        return undefined;
      case 'tcp':
        return world.bridge === undefined ? askPort(check.port, signal) : world.bridge.ask(check.port);
      case 'http':
        return askHttp(place(check.port), check.path, `${service.service}:${check.port}`, signal);
      case 'command':
        return this.#askCommand(check.command, signal);
      default:
        return unreachable(check);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.ended, ...this.#checks]);
    rmSync(this.#scratch, { recursive: true, force: true, maxRetries: 3 });
  }

  async #askCommand(command: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    const { world, request } = this.#start;
    this.#count += 1;
    const step = `${this.#name}.health-${this.#count}`;
    const asked = runServiceProcess(world, {
      request,
      command,
      name: step,
      scratch: this.#scratch,
      signal: AbortSignal.any([signal, this.#stopping.signal]),
      timeoutMs: request.service.health.timeoutMs,
    }).catch((error): { ok: false; text: string } => ({ ok: false, text: String(error) }));
    this.#checks.add(asked);
    const end = await asked;
    this.#checks.delete(asked);
    for (const stream of ['stdout', 'stderr'])
      rmSync(join(request.logDir, `${step}.${stream}`), { force: true });
    if (end.ok && end.exitCode === 0) return undefined;
    return `its health check: ${'text' in end ? end.text : endText(end)}`;
  }
}
