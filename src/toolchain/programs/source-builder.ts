import { lstatSync, readlinkSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { procArgv } from '../../executor/runtimes/local/sandbox/sandbox-argv.ts';
import { type ProgramOptions, runProgram, tailOf } from '../../io/run-program.ts';
import type { LockedPackage } from '../../lock/lock-types.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import { requirementsText } from '../shared/requirements-text.ts';
import { findProgram } from './find-program.ts';
import type { Interpreter } from './python.ts';

/** A Python that uv builds source distributions with: all of it runs in a sandbox, while uv itself may fetch. */
export interface SourceBuilder {
  /** For uv's `--python` with `--no-build-isolation`. */
  readonly python: string;
  /** For uv's `--cache-dir`: the one folder whose builds the sandbox lets through. */
  readonly cache: string;
}

export interface SourceBuilderRequest {
  readonly uv: string;
  readonly python: Interpreter;
  readonly backends: readonly LockedPackage[];
  /** Empty or missing folder; the builder lies in it. */
  readonly dir: string;
  readonly workspace: string | null;
  readonly options: ProgramOptions;
}

/** Mounted where they are there. /etc holds what compilers are found by, and nothing of the machine's. */
const SYSTEM = [
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/etc/alternatives',
  '/etc/ld.so.cache',
];

/**
 * A virtual environment with the pinned back ends whose `python` is a script of ours that starts the real one under
 * bubblewrap. uv fetches and checks, with the network and the user's settings; what a package brings along to build itself
 * has no network, no environment, and writes to its own unpacked sources and uv's folder for the result. SP4006 without
 * a sandbox that works.
 */
export async function openSourceBuilder(
  request: SourceBuilderRequest,
): Promise<Attempt<{ builder: SourceBuilder }>> {
  const { uv, backends, dir, options } = request;
  const bwrap = findProgram('bwrap', options.env.PATH ?? '', request.workspace);
  if (bwrap.found !== 'yes') return refuse('SP4006', `${NEEDS}, which is not on PATH`, FIX);
  const [venv, cache] = [join(dir, 'venv'), join(dir, 'cache')];
  await mkdir(cache, { recursive: true });
  const quiet = ['--quiet', '--no-config', '--no-progress'];
  const base = ['--no-python-downloads', '--python', request.python.path, venv];
  const made = await runProgram(uv, ['venv', ...quiet, ...base], options);
  if (made.code !== 0) return refuse('SP4003', `uv venv: ${tailOf(made)}`);
  const pinned = join(dir, 'backends.txt');
  await writeFile(pinned, requirementsText(backends));
  const python = join(venv, 'bin', 'python');
  const hashed = ['--require-hashes', '--no-deps', '--only-binary', ':all:', '--requirement', pinned];
  const filled = await runProgram(uv, ['pip', 'install', ...quiet, '--python', python, ...hashed], options);
  if (filled.code !== 0) return refuse('SP4003', `uv pip install of the back ends: ${tailOf(filled)}`);
  await rm(python);
  await writeFile(python, launcher(bwrap.path, request.python, venv, cache));
  await chmod(python, 0o755);
  const probe = await runProgram(python, ['-c', 'import setuptools'], options);
  if (probe.code !== 0) return refuse('SP4006', `${NEEDS} that works: ${tailOf(probe)}`, FIX);
  return { ok: true, builder: { python, cache } };
}

const NEEDS = 'building from source needs bubblewrap';
const FIX = 'Install bubblewrap, then run `secplan doctor`.';

/** `$PWD` is the unpacked sources where uv starts a build; `.tmp…` is where it takes the result from. */
function launcher(bwrap: string, python: Interpreter, venv: string, cache: string): string {
  const inside = join(venv, 'bin', 'python');
  const env = {
    PATH: `${join(venv, 'bin')}:/usr/bin:/bin`,
    HOME: '/tmp',
    LANG: 'C.UTF-8',
    // The same bytes wherever it is built by the same compiler.
    SOURCE_DATE_EPOCH: '315532800',
    PYTHONHASHSEED: '0',
    CFLAGS: '-g0',
  };
  const fixed = [
    ...['--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--clearenv'],
    ...['--uid', '1000', '--gid', '1000', '--hostname', 'secplan'],
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--ro-bind', '/usr', '/usr', ...SYSTEM.flatMap(linkOrBind), '--proc', '/proc'],
    ...procArgv(),
    ...['--dev', '/dev'],
    ...['--size', String(2 ** 30), '--tmpfs', '/tmp'],
    ...(python.prefix === '/usr' ? [] : ['--ro-bind', python.prefix, python.prefix]),
    ...['--ro-bind', venv, venv, '--ro-bind', python.path, inside, '--ro-bind', cache, cache],
  ];
  return [
    '#!/bin/sh',
    `set -- -- ${quoted(inside)} "$@"`,
    'here=$(pwd -P)',
    `case "$here" in ${quoted(cache)}/sdists-*) set -- --bind "$here" "$here" --chdir "$here" "$@" ;; esac`,
    `for made in ${quoted(cache)}/builds-*/.tmp*; do`,
    '  if [ -d "$made" ] && [ ! -L "$made" ]; then set -- --bind "$made" "$made" "$@"; fi',
    'done',
    `exec ${[bwrap, ...fixed].map(quoted).join(' ')} "$@"`,
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function linkOrBind(path: string): string[] {
  try {
    return lstatSync(path).isSymbolicLink()
      ? ['--symlink', readlinkSync(path), path]
      : ['--ro-bind', path, path];
  } catch {
    return [];
  }
}
