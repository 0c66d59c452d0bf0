import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Images that an operator made and pushed where the engine can fetch them, `NAME@sha256:…`. */
export interface EngineImages {
  /** Debian with the Python of this machine at the same place, util-linux, procps. */
  readonly debian: string;
  /** BusyBox: a shell, but no util-linux. */
  readonly busybox: string;
  /** A static `printf` and `env`, and no shell. */
  readonly bare: string;
}

export interface RealEngine {
  /** For example `unix:///run/dagger/engine.sock`. */
  readonly address: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly images: EngineImages;
  /** Its processes are in this machine's /proc. */
  readonly here: boolean;
  /** Whether its log can be read. */
  readonly hasLog: boolean;
  /** What its log holds so far, at level debug; empty where it cannot be read. */
  log(): string;
}

/**
 * The engine that the environment names: SECPLAN_TEST_DAGGER its address, SECPLAN_TEST_DAGGER_IMAGES a JSON file of
 * its images, SECPLAN_TEST_DAGGER_LOG its log. Says loudly what is missing.
 */
export function realEngine(env: NodeJS.ProcessEnv = process.env): RealEngine | undefined {
  const address = env.SECPLAN_TEST_DAGGER;
  const images = env.SECPLAN_TEST_DAGGER_IMAGES;
  const log = env.SECPLAN_TEST_DAGGER_LOG;
  if (!address || !images) {
    console.warn(
      'SKIPPED: no test of a real Dagger engine ran: SECPLAN_TEST_DAGGER and SECPLAN_TEST_DAGGER_IMAGES name none (docs/how-to/test-dagger.md)',
    );
    return undefined;
  }
  if (!log)
    console.warn('SKIPPED: what is looked for in the engine’s log: SECPLAN_TEST_DAGGER_LOG names none');
  return {
    address,
    env: { ...env, _EXPERIMENTAL_DAGGER_RUNNER_HOST: address },
    images: JSON.parse(readFileSync(images, 'utf8')) as EngineImages,
    here: address.startsWith('unix://'),
    hasLog: Boolean(log),
    log: () => (log ? readFileSync(log, 'utf8') : ''),
  };
}

/** Pids of this machine whose command line, words joined by spaces, ends with the text. */
export function processesOf(text: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
      return words.join(' ') === text;
    } catch {
      return false;
    }
  });
}

/** Waits until a condition holds. @throws after `withinMs` */
export async function until(holds: () => boolean, what: string, withinMs = 30_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface CutLine extends AsyncDisposable {
  readonly address: string;
  /** Drops every connection at once and takes no new one: what a client sees of an engine that is killed. */
  cut(): void;
}

let lines = 0;

/** A socket in front of an engine's own. */
export async function lineTo(engine: RealEngine): Promise<CutLine> {
  lines += 1;
  const path = join(tmpdir(), `secplan-line-${process.pid}-${lines}.sock`);
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = createConnection(engine.address.slice('unix://'.length));
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        (socket === near ? far : near).destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const cut = () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  return {
    address: `unix://${path}`,
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      rmSync(path, { force: true });
    },
  };
}
