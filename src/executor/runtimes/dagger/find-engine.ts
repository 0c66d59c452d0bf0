import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Result } from '../../../core/result.ts';

/** A session that someone else opened, or the command line that opens one. */
export type EngineAccess =
  | { readonly kind: 'session'; readonly port: number; readonly token: string }
  | { readonly kind: 'cli'; readonly cli: string; readonly runner: string | undefined };

export type FoundEngine = Result<
  { readonly access: EngineAccess },
  { readonly detail: string; readonly fix: string }
>;

export interface EngineSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `runtime.engine` of the manifest; the environment's own address comes before it. */
  readonly engine?: string | undefined;
  /** The scanned tree, out of which nothing is started; null where there is none. */
  readonly workspace: string | null;
}

const RUNNER = '_EXPERIMENTAL_DAGGER_RUNNER_HOST';
const CLI = '_EXPERIMENTAL_DAGGER_CLI_BIN';
const SCHEMES = [
  'unix',
  'tcp',
  'kube-pod',
  'docker-container',
  'podman-container',
  'docker-image',
  'image',
  'container',
];
const LOCAL_HELPERS = ['docker', 'podman', 'nerdctl', 'container'];

/** Looks for what gives a session: one that is open, else the dagger command line with an engine to reach. */
export function findEngine({ env, engine, workspace }: EngineSurroundings): FoundEngine {
  const { DAGGER_SESSION_PORT: port, DAGGER_SESSION_TOKEN: token } = env;
  if (port !== undefined && port !== '') {
    if (!/^\d{1,5}$/.test(port) || !token) {
      const detail = 'DAGGER_SESSION_PORT is not a port, or DAGGER_SESSION_TOKEN is missing';
      return { ok: false, detail, fix: 'Unset it, or run inside `dagger run`.' };
    }
    return { ok: true, access: { kind: 'session', port: Number(port), token } };
  }
  const runner = env[RUNNER] || engine;
  if (runner !== undefined && !SCHEMES.includes(runner.split('://', 1)[0] ?? '')) {
    const fix = `Write it as SCHEME://ADDRESS with one of ${SCHEMES.join(', ')}.`;
    return { ok: false, detail: `${JSON.stringify(runner)} is not an engine address`, fix };
  }
  const cli = env[CLI] || onPath('dagger', env.PATH ?? '', workspace);
  if (cli === undefined || !isAbsolute(cli) || !executable(cli)) {
    const looked = env[CLI] ? `${CLI} (${env[CLI]})` : `PATH and ${CLI}`;
    return {
      ok: false,
      detail: `the dagger command is not on PATH (looked in ${looked}), and DAGGER_SESSION_PORT is not set`,
      fix: 'Install the dagger CLI 0.21, or use --runtime local.',
    };
  }
  if (runner === undefined && !LOCAL_HELPERS.some((name) => onPath(name, env.PATH ?? '', workspace))) {
    return {
      ok: false,
      detail: `no engine is configured (${RUNNER}, runtime.engine), and none of ${LOCAL_HELPERS.join(', ')} is on PATH to start one`,
      fix: `Set ${RUNNER} to a running engine, for example unix:///run/dagger/engine.sock, tcp://HOST:PORT or kube-pod://POD?namespace=NS.`,
    };
  }
  return { ok: true, access: { kind: 'cli', cli, runner } };
}

function onPath(name: string, path: string, workspace: string | null): string | undefined {
  return path
    .split(delimiter)
    .filter(
      (folder) => isAbsolute(folder) && (workspace === null || !`${folder}/`.startsWith(`${workspace}/`)),
    )
    .map((folder) => join(folder, name))
    .find(executable);
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What the command line gets of the environment: where engines and their settings are, no secret of ours. */
const PASSED =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TMPDIR|TZ|XDG_\w+|DOCKER_\w+|CONTAINER_HOST|KUBECONFIG|KUBERNETES_\w+|DAGGER_\w+|_EXPERIMENTAL_DAGGER_\w+|SSL_CERT_\w+|\w*_(PROXY|proxy)|SSH_AUTH_SOCK)$/;

/** Starts `dagger session`. It ends when its standard input does, and so with us. */
export function startCli(
  { cli, runner }: Extract<EngineAccess, { kind: 'cli' }>,
  env: EngineSurroundings['env'],
) {
  const passed = Object.entries(env).filter(([name, value]) => PASSED.test(name) && value !== undefined);
  return spawn(cli, ['session', '--label', 'dagger.io/sdk.name:secplan'], {
    cwd: '/',
    env: {
      ...(Object.fromEntries(passed) as Record<string, string>),
      ...(runner === undefined ? {} : { [RUNNER]: runner }),
      DO_NOT_TRACK: '1',
      DAGGER_NO_NAG: '1',
    },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
