import type { ChildProcess } from 'node:child_process';
import type { Client, Container, Context } from '@dagger.io/dagger';
import type { Result } from '../../../core/result.ts';
import type { Clock } from '../../../io/clock.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { answeredError, errorText } from './engine-failure.ts';
import { type EngineSurroundings, findEngine, startCli } from './find-engine.ts';
import { loadSdk, SDK_VERSION } from './load-sdk.ts';

/** One connection to an engine, for the whole of a plan. */
export interface Session {
  readonly client: Client;
  /** One query for many fields, where the SDK asks for one at a time. Fails as the SDK does. */
  ask<T>(document: string, variables: Readonly<Record<string, unknown>>): Promise<T>;
  /** What the engine knows by an id that it gave. */
  container(id: string): Container;
  /** For example `v0.21.8`. */
  readonly version: string;
  /** Aborted, with the reason, once the engine has stopped; every open query then fails. */
  readonly lost: AbortSignal;
  close(): Promise<void>;
}

export type Opened = Result<
  { readonly session: Session },
  {
    /** Absent: no engine, SP5100. */
    readonly code?: 'SP5102';
    readonly detail: string;
    readonly fix: string;
  }
>;

const NO_SDK: Opened = {
  ok: false,
  code: 'SP5102',
  detail: 'the npm package @dagger.io/dagger is not installed beside secplan',
  fix: `Install it where secplan is installed: npm install @dagger.io/dagger@${SDK_VERSION} (with -g if secplan was installed with -g). Or use --runtime local.`,
};

export interface SessionOptions extends EngineSurroundings {
  readonly clock: Clock;
  /** Gives up; nothing is left then. */
  readonly signal: AbortSignal;
  /** Milliseconds that the engine may take to answer at first, its own start included. */
  readonly connectMs: number;
  /** Milliseconds between asking the command line to end and making it. */
  readonly graceMs: number;
}

type Sdk = NonNullable<Awaited<ReturnType<typeof loadSdk>>>;

interface Endpoint {
  readonly port: number;
  readonly token: string;
}

const LONGEST_LINE = 64 * 2 ** 10;

/** Connects to the engine that the surroundings name. Loads the SDK, which may be absent: then SP5102. */
export async function openSession(options: SessionOptions): Promise<Opened> {
  const found = findEngine(options);
  if (!found.ok) return found;
  const sdk = await loadSdk();
  if (sdk === undefined) return NO_SDK;
  // No event comes any more for what happened while the SDK was loaded.
  if (options.signal.aborted) {
    return { ok: false, detail: errorText(options.signal.reason), fix: fixFor(found.access) };
  }
  const lost = new AbortController();
  const deadline = new AbortController();
  const cancel = options.clock.after(options.connectMs, () => {
    deadline.abort(new Error(`no answer within ${options.connectMs / 1000} s`));
  });
  const giveUp = AbortSignal.any([options.signal, deadline.signal]);
  const child = found.access.kind === 'cli' ? startCli(found.access, options.env) : undefined;
  const onGiveUp = () => lost.abort(giveUp.reason);
  giveUp.addEventListener('abort', onGiveUp, { once: true });
  try {
    const endpoint = child === undefined ? (found.access as Endpoint) : await firstLine(child, lost);
    const connected = await connect(sdk, endpoint, lost.signal);
    const version = await connected.client.version();
    return {
      ok: true,
      session: { ...connected, version, lost: lost.signal, close: () => end(child, lost, options) },
    };
  } catch (error) {
    await end(child, lost, options);
    const reason = giveUp.aborted ? giveUp.reason : error;
    return { ok: false, detail: errorText(reason), fix: fixFor(found.access) };
  } finally {
    cancel();
    giveUp.removeEventListener('abort', onGiveUp);
  }
}

function fixFor(access: { readonly kind: string; readonly runner?: string | undefined }): string {
  if (access.kind === 'session') return 'Does the session that DAGGER_SESSION_PORT names still run?';
  return access.runner === undefined
    ? 'Does docker run? Or set _EXPERIMENTAL_DAGGER_RUNNER_HOST to an engine.'
    : `Does an engine run at ${access.runner}, of the same version as the command line?`;
}

/** The SDK's own client, over a connection that can be cut. Its `connect` prints to the console and may download. */
async function connect(
  sdk: Sdk,
  { port, token }: Endpoint,
  signal: AbortSignal,
): Promise<Pick<Session, 'client' | 'ask' | 'container'>> {
  const queries = new sdk.GraphQLClient(`http://127.0.0.1:${port}/query`, {
    fetch: boundedFetch(signal),
    headers: { Authorization: `Basic ${Buffer.from(`${token}:`).toString('base64')}` },
  });
  const connection = { getGQLClient: () => queries } as unknown as ConstructorParameters<typeof Context>[1];
  const nowhere = new sdk.Context([], connection);
  return {
    client: new sdk.Client(nowhere),
    container: (id) => new sdk.Container(nowhere.selectNode(id, 'Container')),
    async ask(document, variables) {
      try {
        return await queries.request(document, variables);
      } catch (error) {
        throw answeredError(error) ?? error;
      }
    },
  };
}

/** Where the command line's session listens. What it says else on standard error is kept for the error. */
function firstLine(child: ChildProcess, lost: AbortController): Promise<Endpoint> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      if (text.length > LONGEST_LINE) return;
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) parseEndpoint(text.slice(0, end), resolve, reject);
    });
    const gone = (detail: string) => {
      const error = new Error(`the dagger command ${detail}: ${said.trim().slice(-300)}`);
      lost.abort(error);
      reject(error);
    };
    child.once('error', (error) => gone(`could not be started (${error.message})`));
    child.once('exit', (code, signal) => gone(`ended with ${signal ?? code}`));
    lost.signal.addEventListener('abort', () => reject(lost.signal.reason), { once: true });
  });
}

function parseEndpoint(line: string, resolve: (at: Endpoint) => void, reject: (error: Error) => void): void {
  try {
    const { port, session_token: token } = JSON.parse(line) as { port?: unknown; session_token?: unknown };
    if (typeof port === 'number' && typeof token === 'string') {
      resolve({ port, token });
      return;
    }
  } catch {
    // Said below.
  }
  reject(new Error('the dagger command printed an address that secplan does not understand'));
}

/** Closing its standard input is how the command line is asked to end its session. */
async function end(
  child: ChildProcess | undefined,
  lost: AbortController,
  { clock, graceMs }: SessionOptions,
): Promise<void> {
  if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.stdin?.end();
    signal(child, 'SIGTERM');
    const cancel = clock.after(graceMs, () => signal(child, 'SIGKILL'));
    await exited;
    cancel();
  }
  lost.abort(new Error('the session is closed'));
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // It is gone.
  }
}
