import { posix } from 'node:path';
import type { ArgvPart, Step } from '../../../stages/contract/command.ts';
import type { StageInvocation } from '../../ports.ts';

/** Where a step finds things, in the paths that it sees itself. */
export interface Places {
  readonly source: string;
  readonly out: string;
  readonly tmp: string;
  readonly home: string;
  asset(name: string): string;
  artifact(name: string): string;
}

export interface ResolvedStep {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Places inside the sandbox. @throws TypeError on an asset or artifact that the invocation lacks. */
export function sandboxPlaces(invocation: StageInvocation): Places {
  return {
    source: '/src',
    out: '/out',
    tmp: '/tmp',
    home: '/tmp/home',
    asset: (name) => `/assets/${known(name, invocation.assets[name] && name, 'asset')}`,
    artifact: (name) => `/artifacts/${known(name, artifactOf(invocation, name) && name, 'artifact')}`,
  };
}

/** The host's own places, for runs without a sandbox. @throws TypeError as above. */
export function hostPlaces(invocation: StageInvocation, tmp: string): Places {
  return {
    source: invocation.sourceDir,
    out: invocation.outDir,
    tmp,
    home: posix.join(tmp, 'home'),
    asset: (name) => known(name, invocation.assets[name], 'asset'),
    artifact: (name) => known(name, artifactOf(invocation, name), 'artifact'),
  };
}

function artifactOf(invocation: StageInvocation, name: string) {
  const input = invocation.stage.inputs.find((candidate) => candidate.name === name);
  return input === undefined ? undefined : invocation.artifacts.get(input.id);
}

function known(name: string, value: string | undefined, what: string): string {
  if (!value) throw new TypeError(`no ${what} named ${name}`);
  return value;
}

/** Fills in a step's places and puts the tool's real executable first; the environment is whole, nothing is inherited. */
export function resolveStep(step: Step, invocation: StageInvocation, places: Places): ResolvedStep {
  const named = step.entrypoint !== true;
  const rest = (named ? step.argv.slice(1) : step.argv).flatMap((part) =>
    resolvePart(part, invocation, places),
  );
  const own = Object.entries(step.env ?? {}).map(([name, part]) => [
    name,
    resolvePart(part, invocation, places).join(' '),
  ]);
  const env = {
    PATH: '/usr/bin:/bin',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    HOME: places.home,
    TMPDIR: places.tmp,
    // The working folder is the scanned tree: Python must not import from it.
    PYTHONSAFEPATH: '1',
    ...invocation.tool.env,
    ...invocation.env,
    ...Object.fromEntries(own),
    ...invocation.secrets,
  };
  return { argv: named ? [programOf(step, invocation, places), ...rest] : rest, env };
}

/** A system program is found by the sandbox's own PATH; one with a slash is a file of the source tree. */
function programOf(step: Step, { tool }: StageInvocation, places: Places): string {
  const [program] = step.argv;
  if (step.system !== true || typeof program !== 'string') return tool.executable;
  const isFile = program.includes('/') && !program.startsWith('/');
  return isFile ? `${places.source}/${program.replace(/^(?:\.\/)+/, '')}` : program;
}

function resolvePart(part: ArgvPart, invocation: StageInvocation, places: Places): string[] {
  if (typeof part === 'string') return [part];
  switch (part.at) {
    case 'files':
      return invocation.input.files.map((file) => `${places.source}/${file.path}`);
    case 'tool':
      return [invocation.tool.executable];
    case 'source':
    case 'out':
    case 'tmp':
      return [withSub(places[part.at], part)];
    case 'endpoint':
      if (invocation.endpoint === undefined) throw new TypeError('the target has no address');
      return [withSub(invocation.endpoint.replace(/\/+$/, ''), part)];
    case 'asset':
      return [withSub(places.asset(part.name), part)];
    case 'artifact':
      return [withSub(places.artifact(part.name), part)];
  }
}

function withSub(path: string, part: { readonly sub?: string; readonly prefix?: string }): string {
  return `${part.prefix ?? ''}${part.sub ? `${path}/${part.sub}` : path}`;
}
