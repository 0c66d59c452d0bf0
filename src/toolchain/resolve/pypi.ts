import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tailOf } from '../../io/run-program.ts';
import type { LockedPackage } from '../../lock/lock-types.ts';
import { findPython } from '../programs/python.ts';
import { openSourceBuilder } from '../programs/source-builder.ts';
import { normalName } from '../shared/normal-name.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import { RESOLVE_TIMEOUT_MS, type Resolution, type ResolveContext } from './context.ts';

const PYTHON = '3.11';

/**
 * A PyPI package with everything it needs, for Python 3.11 and newer, with the hashes of all files of each version. Wheels
 * only, but for what the provider lets be built: to learn what such a package needs, its code is run in a sandbox.
 */
export async function resolvePypi(context: ResolveContext): Promise<Attempt<{ resolution: Resolution }>> {
  const uv = await context.uv();
  if (!uv.ok) return uv;
  const compile = { uv: uv.path, context };
  const wanted = `${context.package}${context.version === undefined ? '' : `==${context.version}`}`;
  const sources = new Set(context.sourceBuilds);
  const resolved =
    sources.size === 0
      ? await compileWheels(compile, [wanted])
      : await compileSources(compile, wanted, sources);
  if (!resolved.ok) return resolved;
  const { packages, backends } = resolved;
  const own = packages.find((item) => normalName(item.name) === normalName(context.package));
  if (!own) return refuse('SP4003', `uv pip compile did not return ${context.package}`);
  return {
    ok: true,
    resolution: {
      version: own.version,
      packages: [own, ...packages.filter((item) => item !== own)],
      ...(backends === undefined ? {} : { backends }),
      platform: { python: PYTHON },
    },
  };
}

interface Compile {
  readonly uv: string;
  readonly context: ResolveContext;
}

type Compiled = Attempt<{ packages: readonly LockedPackage[]; backends?: readonly LockedPackage[] }>;

/** Back ends that packages without wheels are built with: what such packages were written for. */
const BACKENDS = ['setuptools', 'wheel'];

async function compileSources(
  compile: Compile,
  wanted: string,
  sources: ReadonlySet<string>,
): Promise<Compiled> {
  const { uv, context } = compile;
  const { env, scratch, workspace } = context;
  const found = await findPython(PYTHON, env, workspace);
  if (!found.ok) return found;
  const backends = await compileWheels(compile, BACKENDS);
  if (!backends.ok) return backends;
  const opened = await openSourceBuilder({
    ...{ uv, python: found.python, backends: backends.packages, dir: join(scratch, 'builder') },
    ...{ run: context.run, build: context.build },
    options: { cwd: scratch, env, timeoutMs: RESOLVE_TIMEOUT_MS },
  });
  if (!opened.ok) return opened;
  const { builder } = opened;
  const building = ['--no-build-isolation', '--python', builder.python, '--cache-dir', builder.cache];
  const all = await runCompile(compile, [wanted], building, builder.shown);
  await builder.close();
  if (!all.ok) return all;
  const packages = all.packages.map((item) =>
    sources.has(normalName(item.name)) ? { ...item, source: true as const } : item,
  );
  // What may not be built must be there as wheels in the very versions that were chosen.
  const wheels = packages.filter(({ source }) => source === undefined);
  const pins = wheels.map(({ name, version, marker }) =>
    marker === undefined ? `${name}==${version}` : `${name}==${version} ; ${marker}`,
  );
  const checked = await compileWheels(compile, pins, ['--no-deps']);
  return checked.ok
    ? {
        ok: true,
        packages,
        ...(wheels.length === packages.length ? {} : { backends: backends.packages }),
      }
    : checked;
}

async function compileWheels(
  compile: Compile,
  lines: readonly string[],
  more: readonly string[] = [],
): Promise<Compiled> {
  const { env, workspace } = compile.context;
  // uv wants some Python, whichever: inside it sees none but the system's and the one that is named.
  const found = await findPython('3.8', env, workspace);
  const python = found.ok ? ['--python', found.python.path] : [];
  return runCompile(compile, lines, [...more, ...python, '--only-binary', ':all:']);
}

async function runCompile(
  { uv, context }: Compile,
  lines: readonly string[],
  more: readonly string[],
  shown: readonly string[] = [],
): Promise<Compiled> {
  const input = join(context.scratch, 'requirements.in');
  await writeFile(input, lines.map((line) => `${line}\n`).join(''));
  const result = await context.run(
    uv,
    [
      ...['pip', 'compile', '--quiet', '--no-config', '--universal', '--python-version', PYTHON],
      ...['--generate-hashes', '--no-annotate', '--no-header', ...more, input],
    ],
    { cwd: context.scratch, env: context.env, timeoutMs: RESOLVE_TIMEOUT_MS, shown },
  );
  if (result.code !== 0) return refuse('SP4003', `uv pip compile: ${tailOf(result)}`);
  return { ok: true, packages: parseRequirements(result.stdout) };
}

/** Reads `name==version ; marker \` and its `--hash=` lines, as `uv pip compile --generate-hashes` writes them. */
export function parseRequirements(text: string): LockedPackage[] {
  const packages: LockedPackage[] = [];
  for (const statement of text.replaceAll(/\\\r?\n/g, ' ').split('\n')) {
    const match =
      /^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==(\S+?)(?:\s+;\s+(.*?))?((?:\s+--hash=\S+)+)\s*$/.exec(
        statement,
      );
    if (!match) continue;
    const [, name = '', version = '', marker, hashes = ''] = match;
    packages.push({
      name,
      version,
      hashes: [...hashes.matchAll(/--hash=(\S+)/g)].map(([, hash = '']) => hash),
      ...(marker === undefined ? {} : { marker: marker.trim() }),
    });
  }
  return packages;
}
