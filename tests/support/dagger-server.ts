import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSchema, execute, GraphQLError, parse, validate } from 'graphql';

/** The schema of a real engine; it lies beside the repository and is not copied into it. */
const SCHEMA = new URL('../../../shared/dagger/schema.graphql', import.meta.url).pathname;

/** Whether the schema is there; without it nothing that these tests would say is worth anything. */
export function hasDaggerSchema(): boolean {
  const there = existsSync(SCHEMA);
  if (!there)
    console.warn(`SKIPPED: no Dagger schema at ${SCHEMA}: the engine's double cannot be held against it`);
  return there;
}

/** One command that the double ran, or took from its cache. */
export interface DoubleExec {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly image: string;
  readonly insecure: boolean;
  readonly cached: boolean;
  /** Paths at which something is mounted, with the service for a binding's alias. */
  readonly mounts: readonly string[];
}

export interface DoubleOptions {
  /** Images that a registry would give. Others are not available. */
  readonly images?: readonly string[];
  /** Whether the engine takes execs with all capabilities. */
  readonly insecure?: boolean;
  /** What images start by themselves; absent: nothing. */
  readonly starts?: { readonly entrypoint: readonly string[]; readonly defaultArgs: readonly string[] };
  /** Images without a shell: every `sh` fails to start. */
  readonly bare?: readonly string[];
  /** What becomes of a query, by its text; undefined: it is answered. */
  readonly fault?: (query: string) => Fault | undefined;
}

export type Fault =
  | { readonly kind: 'drop' | 'malformed' | 'endless' }
  /** A GraphQL error. */
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'hold'; readonly until: Promise<void> };

export interface DaggerServer {
  readonly env: Readonly<Record<string, string>>;
  readonly execs: readonly DoubleExec[];
  readonly queries: readonly string[];
  /** Errors of queries that the schema refuses. */
  readonly violations: readonly string[];
  /** What an engine would show of its work: the streams, with plain secrets masked. */
  readonly output: () => string;
  /** Resolves when a command whose arguments hold the text has started. */
  started(text: string): Promise<void>;
  /** Everything the double keeps on disk, for searching. */
  readonly root: string;
  /** Cuts every connection and refuses new ones. */
  lose(): void;
  close(): Promise<void>;
}

interface Mount {
  readonly at: string;
  /** A host path; a cache volume is writable. */
  readonly from: string;
  readonly writable: boolean;
}

interface Ended {
  readonly layer: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface ContainerState {
  readonly key: string;
  readonly image: string;
  readonly mounts: readonly Mount[];
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly bindings: readonly string[];
  readonly workdir: string;
  readonly ended: () => Promise<Ended>;
}

type Args = Readonly<Record<string, unknown>>;
type Resolver = (state: never, args: Args) => unknown;

const typed = (type: string, value: object) => Object.assign(value, { __typename: type });

/** A session server as the dagger command line opens one, whose engine runs commands in bubblewrap. */
export async function daggerServer(options: DoubleOptions = {}): Promise<DaggerServer> {
  const schema = buildSchema(readFileSync(SCHEMA, 'utf8'), { assumeValid: true });
  const root = mkdtempSync(join(tmpdir(), 'secplan-dagger-'));
  const token = crypto.randomUUID();
  const [execs, queries, violations]: [DoubleExec[], string[], string[]] = [[], [], []];
  const ids = new Map<string, object>();
  const cache = new Map<string, Ended>();
  const running = new Map<string, Promise<Ended>>();
  const waiting: { readonly text: string; readonly resolve: () => void }[] = [];
  const secretValues = new Set<string>();
  let shown = '';
  let made = 0;

  const fresh = (name: string): string => {
    made += 1;
    const folder = join(root, `${name}-${made}`);
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  const digest = (...parts: readonly unknown[]): string =>
    createHash('sha256').update(JSON.stringify(parts)).digest('hex');

  function container(over: Partial<ContainerState>, from?: ContainerState): ContainerState {
    const base: ContainerState = from ?? {
      key: 'scratch',
      image: '',
      mounts: [],
      env: {},
      secrets: {},
      bindings: [],
      workdir: '/',
      ended: async () => ({ layer: fresh('scratch'), exitCode: 0, stdout: '', stderr: '' }),
    };
    return typed('Container', { ...base, ...over }) as unknown as ContainerState;
  }

  /** A container like another, whose layer is changed when it is asked for. */
  function layered(from: ContainerState, key: string, change: (layer: string) => void): ContainerState {
    let made: Promise<Ended> | undefined;
    const ended = async (): Promise<Ended> => {
      const before = await from.ended();
      const layer = fresh('layer');
      cpSync(before.layer, layer, { recursive: true, verbatimSymlinks: true });
      change(layer);
      return { ...before, layer };
    };
    return container(
      {
        key,
        ended: () => {
          made ??= ended();
          return made;
        },
      },
      from,
    );
  }

  function withExec(from: ContainerState, args: Args): ContainerState {
    const key = digest(
      from.key,
      from.env,
      Object.entries(from.secrets).map((pair) => digest(pair)),
      from.bindings,
      args,
    );
    let made: Promise<Ended> | undefined;
    return container(
      {
        key,
        ended: () => {
          made ??= runOnce(from, args, key);
          return made;
        },
      },
      from,
    );
  }

  /** Equal commands run once at a time, and what an engine takes for a success comes out of its cache from then on. */
  async function runOnce(from: ContainerState, args: Args, key: string): Promise<Ended> {
    const known = cache.get(key);
    note(from, args, known !== undefined);
    if (known !== undefined) return known;
    const other = running.get(key);
    if (other !== undefined) return other;
    const run = runCommand(from, args);
    running.set(key, run);
    try {
      const ended = await run;
      cache.set(key, ended);
      return ended;
    } finally {
      running.delete(key);
    }
  }

  function note(from: ContainerState, args: Args, cached: boolean): void {
    execs.push({
      args: args.args as string[],
      env: from.env,
      image: from.image,
      insecure: args.insecureRootCapabilities === true,
      cached,
      mounts: [...from.mounts.map(({ at }) => at), ...from.bindings],
    });
    const text = (args.args as string[]).join(' ');
    for (const each of waiting) if (text.includes(each.text)) each.resolve();
  }

  async function runCommand(from: ContainerState, args: Args): Promise<Ended> {
    if (args.insecureRootCapabilities === true && options.insecure !== true) {
      throw new GraphQLError('insecure root capabilities are not allowed by this engine');
    }
    const before = await from.ended();
    const layer = fresh('layer');
    cpSync(before.layer, layer, { recursive: true, verbatimSymlinks: true });
    const argv = args.args as string[];
    if (options.bare?.includes(from.image) && argv[0] === 'sh')
      throw execError(argv, 127, '', 'exec: sh: not found');
    const ended = await inBubblewrap(
      from,
      layer,
      options.insecure === true ? unconfined(argv, from.secrets) : argv,
    );
    shown += mask(`${ended.stdout}\n${ended.stderr}\n`);
    for (const [name, text] of [
      ['redirectStdout', ended.stdout],
      ['redirectStderr', ended.stderr],
    ] as const) {
      const path = args[name];
      if (typeof path === 'string' && path !== '') put(layer, path, text);
    }
    const { exitCode } = ended;
    const expected = args.expect === 'ANY' ? exitCode < 128 || exitCode > 191 : exitCode === 0;
    if (!expected) throw execError(argv, exitCode, mask(ended.stdout), mask(ended.stderr));
    return { layer, ...ended };
  }

  const mask = (text: string): string =>
    [...secretValues].reduce((sum, value) => sum.replaceAll(value, '***'), text);

  async function inBubblewrap(
    from: ContainerState,
    layer: string,
    argv: readonly string[],
  ): Promise<Omit<Ended, 'layer'>> {
    const wrapper = [
      '--unshare-user',
      '--unshare-pid',
      '--uid',
      '1000',
      '--gid',
      '1000',
      '--die-with-parent',
    ];
    wrapper.push('--ro-bind', '/usr', '/usr', '--proc', '/proc', '--dev', '/dev', '--dir', '/tmp');
    for (const name of ['bin', 'sbin', 'lib', 'lib64']) wrapper.push('--symlink', `usr/${name}`, `/${name}`);
    for (const name of readdirSync(layer)) wrapper.push('--bind', join(layer, name), `/${name}`);
    for (const { at, from: path, writable } of from.mounts)
      wrapper.push(writable ? '--bind' : '--ro-bind', path, at);
    wrapper.push('--chdir', from.workdir, '--');
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin', ...from.env, ...from.secrets };
    const child = spawn('bwrap', [...wrapper, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const exitCode = await new Promise<number>((resolve) =>
      child.once('close', (code) => resolve(code ?? 137)),
    );
    return { exitCode, stdout, stderr };
  }

  function register(state: object, key: string): string {
    const id = digest((state as { __typename?: string }).__typename, key);
    ids.set(id, state);
    return id;
  }

  const find = (id: unknown): never => {
    const state = ids.get(String(id));
    if (state === undefined) throw new GraphQLError(`no object ${String(id)}`);
    return state as never;
  };

  const copyDir = (source: { readonly path?: string }, to: string) => {
    mkdirSync(to, { recursive: true });
    if (source.path !== undefined) cpSync(source.path, to, { recursive: true, verbatimSymlinks: true });
  };

  /** The place of a container's path on this machine: in its layer, where nothing is mounted there. */
  async function placeOf(state: ContainerState, path: string): Promise<string> {
    const { layer } = await state.ended();
    const mount = state.mounts.find(({ at }) => path === at || path.startsWith(`${at}/`));
    return mount === undefined ? join(layer, path) : join(mount.from, path.slice(mount.at.length));
  }

  const image = (state: { readonly image: string }): boolean =>
    (options.images ?? [BASE]).includes(state.image);

  const resolvers: Record<string, Record<string, Resolver>> = {
    Query: {
      version: () => 'v0.21.8',
      defaultPlatform: () => 'linux/amd64',
      container: () => container({}),
      directory: () => typed('Directory', { key: 'empty' }),
      host: () => typed('Host', {}),
      cacheVolume: (_, { key }) => {
        const path = join(root, 'caches', digest(key));
        mkdirSync(path, { recursive: true });
        return typed('CacheVolume', { key: `cache ${String(key)}`, path });
      },
      setSecret: (_, { name, plaintext }) => {
        secretValues.add(String(plaintext));
        return typed('Secret', { key: `secret ${String(name)} ${digest(plaintext)}`, plaintext });
      },
      node: (_, { id }) => find(id),
    },
    Host: {
      directory: (_, { path, exclude }) => {
        const copy = fresh('upload');
        cpSync(String(path), copy, { recursive: true, verbatimSymlinks: true });
        for (const name of (exclude as string[]) ?? [])
          rmSync(join(copy, name), { force: true, recursive: true });
        return typed('Directory', { key: treeDigest(copy), path: copy });
      },
      file: (_, { path }) => {
        const copy = join(fresh('upload'), 'file');
        cpSync(String(path), copy);
        return typed('File', { key: treeDigest(dirname(copy)), path: copy });
      },
    },
    Directory: {
      id: (state: { key: string }) => register(state, state.key),
      withNewDirectory: (state: { key: string; path?: string }, { path, permissions }) => {
        const copy = fresh('directory');
        copyDir(state, copy);
        mkdirSync(join(copy, String(path)), { recursive: true });
        chmodSync(join(copy, String(path)), Number(permissions));
        return typed('Directory', { key: digest(state.key, path, permissions), path: copy });
      },
    },
    File: {
      id: (state: { key: string }) => register(state, state.key),
      size: async (state: { at: () => Promise<string> }) => lstatSync(await state.at()).size,
      export: async (state: { at: () => Promise<string> }, { path }) => {
        cpSync(await state.at(), String(path), { verbatimSymlinks: true });
        return String(path);
      },
    },
    EnvVariable: {
      name: ({ name }: { name: string }) => name,
      value: ({ value }: { value: string }) => value,
    },
    CacheVolume: { id: (state: { key: string }) => register(state, state.key) },
    Secret: { id: (state: { key: string }) => register(state, state.key) },
    Container: {
      id: (state: ContainerState) => register(state, state.key),
      from: (state: ContainerState, { address }) => {
        const next = container({ key: digest('from', address), image: String(address) }, state);
        if (!image(next)) throw new GraphQLError(`failed to resolve image ${String(address)}: not found`);
        return next;
      },
      sync: async (state: ContainerState) => {
        await state.ended();
        return register(state, state.key);
      },
      envVariables: () => [typed('EnvVariable', { name: 'OF_IMAGE', value: '1' })],
      rootfs: () => typed('Directory', { key: 'rootfs', path: fresh('rootfs') }),
      withNewFile: (state: ContainerState, { path, contents }) =>
        layered(state, digest(state.key, 'file', path, contents), (layer) =>
          put(layer, String(path), String(contents)),
        ),
      entrypoint: () => options.starts?.entrypoint ?? [],
      defaultArgs: () => options.starts?.defaultArgs ?? [],
      exitCode: async (state: ContainerState) => (await state.ended()).exitCode,
      stdout: async (state: ContainerState) => mask((await state.ended()).stdout),
      stderr: async (state: ContainerState) => mask((await state.ended()).stderr),
      exists: async (state: ContainerState, { path, expectedType }) => {
        const place = await placeOf(state, String(path));
        const stat = lstatSync(place, { throwIfNoEntry: false });
        // What is not in a layer is in the image: here, this machine's own /usr.
        if (stat === undefined) return String(path).startsWith('/usr/') && existsSync(String(path));
        return expectedType === 'REGULAR_TYPE' ? stat.isFile() : true;
      },
      file: (state: ContainerState, { path }) =>
        typed('File', { key: digest(state.key, path), at: () => placeOf(state, String(path)) }),
      withUser: (state: ContainerState) => container({ key: digest(state.key, 'user') }, state),
      withWorkdir: (state: ContainerState, { path }) => container({ workdir: String(path) }, state),
      withEnvVariable: (state: ContainerState, { name, value }) =>
        container({ env: { ...state.env, [String(name)]: String(value) } }, state),
      withSecretVariable: (state: ContainerState, { name, secret }) => {
        const { plaintext } = find(secret) as { plaintext: string };
        return container({ secrets: { ...state.secrets, [String(name)]: plaintext } }, state);
      },
      withDirectory: (state: ContainerState, { path, source }) => {
        const from = find(source) as { key: string; path?: string };
        return layered(state, digest(state.key, 'directory', path, from.key), (layer) =>
          copyDir(from, join(layer, String(path))),
        );
      },
      withMountedDirectory: (state: ContainerState, args) => mounted(state, args, find(args.source), false),
      withMountedFile: (state: ContainerState, args) => mounted(state, args, find(args.source), false),
      withMountedCache: (state: ContainerState, args) => mounted(state, args, find(args.cache), true),
      withServiceBinding: (state: ContainerState, { alias }) =>
        container({ bindings: [...state.bindings, String(alias)] }, state),
      withExec: (state: ContainerState, args) => withExec(state, args),
    },
  };

  function mounted(
    state: ContainerState,
    { path }: Args,
    from: { key: string; path: string },
    writable: boolean,
  ) {
    const mount = { at: String(path), from: from.path, writable };
    return container(
      { key: digest(state.key, 'mount', path, from.key), mounts: [...state.mounts, mount] },
      state,
    );
  }

  async function answer(text: string, variables: Args): Promise<object> {
    const document = parse(text);
    const errors = validate(schema, document);
    if (errors.length > 0) {
      violations.push(...errors.map(({ message }) => message));
      return { errors: errors.map(({ message }) => ({ message })) };
    }
    return execute({
      schema,
      document,
      variableValues: variables,
      rootValue: typed('Query', {}),
      typeResolver: (value) => (value as { __typename: string }).__typename,
      fieldResolver: (source, args, _context, info) => {
        const resolve = resolvers[info.parentType.name]?.[info.fieldName];
        if (resolve === undefined)
          throw new GraphQLError(`not in the double: ${info.parentType.name}.${info.fieldName}`);
        return resolve(source as never, args);
      },
    });
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.authorization !== `Basic ${Buffer.from(`${token}:`).toString('base64')}`) {
      response.writeHead(401).end();
      return;
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    const { query, variables = {} } = JSON.parse(body) as { query: string; variables?: Args };
    queries.push(query);
    const fault = options.fault?.(query);
    if (fault?.kind === 'drop') return void request.socket.destroy();
    if (fault?.kind === 'malformed')
      return void response.writeHead(200, JSON_TYPE).end('{"data": {"container"');
    if (fault?.kind === 'endless') {
      response.writeHead(200, JSON_TYPE);
      const chunk = 'x'.repeat(2 ** 20);
      for (let sent = 0; sent < 64 && !response.destroyed; sent += 1) {
        if (!response.write(chunk))
          await new Promise((done) => response.once('drain', done).once('close', done));
      }
      return void response.end();
    }
    if (fault?.kind === 'hold') await fault.until;
    const given =
      fault?.kind === 'error'
        ? { errors: [{ message: fault.message }], data: null }
        : await answer(query, variables);
    response.writeHead(200, JSON_TYPE).end(JSON.stringify(given));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    env: { DAGGER_SESSION_PORT: String(port), DAGGER_SESSION_TOKEN: token },
    execs,
    queries,
    violations,
    output: () => shown,
    root,
    started: (text) =>
      new Promise((resolve) => {
        if (execs.some(({ args }) => args.join(' ').includes(text))) resolve();
        else waiting.push({ text, resolve });
      }),
    lose() {
      server.close();
      server.closeAllConnections();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** The image that the double has, unless told otherwise. */
export const BASE = `docker.io/library/base@sha256:${'b'.repeat(64)}`;

function execError(cmd: readonly string[], exitCode: number, stdout: string, stderr: string): GraphQLError {
  return new GraphQLError(`process "${cmd[0]}" did not complete successfully: exit code: ${exitCode}`, {
    extensions: { _type: 'EXEC_ERROR', cmd, exitCode, stdout, stderr },
  });
}

/** The command without what takes rights and network away, for which no double has the privileges, but with the tool's own variables. */
function unconfined(argv: readonly string[], secrets: Readonly<Record<string, string>>): string[] {
  const bound = argv.indexOf('setpriv');
  if (bound >= 0) return [...argv.slice(0, bound), ...argv.slice(argv.indexOf('--', bound) + 1)];
  if (argv[2] !== 'unshare') return argv.map((word) => word.replaceAll(/^setpriv .* -- true/gm, 'true'));
  const around = argv.slice(argv.indexOf('secplan') + 2);
  const perl = around.indexOf('perl');
  const end = around.indexOf('--', perl + 4);
  const variables = [
    ...Object.entries(secrets).map(([name, value]) => `${name.replace(/^SECPLAN_SECRET_/, '')}=${value}`),
    ...around.slice(perl + 5, end),
  ];
  return [...around.slice(0, perl), 'env', '-i', ...variables, ...around.slice(end + 1)];
}

function put(layer: string, path: string, text: string): void {
  mkdirSync(dirname(join(layer, path)), { recursive: true });
  writeFileSync(join(layer, path), text);
}

function treeDigest(root: string): string {
  const hash = createHash('sha256');
  for (const name of (readdirSync(root, { recursive: true }) as string[]).sort()) {
    const stat = lstatSync(join(root, name));
    hash.update(`${name}\0${stat.isFile() ? stat.mode & 0o111 : 'd'}\0`);
    if (stat.isFile()) hash.update(readFileSync(join(root, name)));
  }
  return hash.digest('hex');
}
