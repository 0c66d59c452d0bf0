import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { liesIn } from '../../io/paths.ts';

const MAX_BYTES = 1 << 20;

/** Names of secrets: those that a run cannot do without, and those that it uses where they are there. */
export interface SecretNames {
  readonly needed: readonly string[];
  readonly wanted?: readonly string[];
}

/** Where secrets are read. */
export interface SecretPlace {
  /** Absolute. */
  readonly workspace: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Values of the secrets that a run needs, from `env:NAME`, `file:PATH` and `dotenv:NAME` (`.env` beside the manifest).
 * Every one of `needed` that is not available is SP2014; one that is only `wanted` is left out. SP2011 for a file that leads out of the workspace. Values never enter a diagnostic.
 */
export function resolveSecrets(
  { needed, wanted = [] }: SecretNames,
  sources: Readonly<Record<string, string>>,
  { workspace, env }: SecretPlace,
): Outcome<Readonly<Record<string, string>>> {
  const values: Record<string, string> = {};
  const names = [...new Set([...needed, ...wanted])];
  const outside = names.filter((name) => leavesWorkspace(sources[name] ?? '', workspace));
  if (outside.length > 0)
    return failed(
      outside.map((name) =>
        diagnostic('SP2011', `secret ${name} is not read: ${sources[name]} leads out of the workspace`, {
          pointer: `/secrets/${name}`,
          help: 'Keep the file in the workspace, or hand the value over in the environment: env:NAME.',
        }),
      ),
    );
  const missing = names
    .filter((name) => {
      const value = readSecret(sources[name] ?? '', workspace, env);
      if (value === undefined || value === '') return true;
      values[name] = value;
      return false;
    })
    .filter((name) => needed.includes(name));
  if (missing.length === 0) return success(values);
  return failed(
    missing.map((name) =>
      diagnostic('SP2014', `secret ${name} is unavailable: ${sources[name] ?? 'not declared'}`, {
        pointer: `/secrets/${name}`,
      }),
    ),
  );
}

/** By `..` or by a symbolic link: what lies there is the machine's, and the scanned tree has no say in it. */
function leavesWorkspace(source: string, workspace: string): boolean {
  if (source.startsWith('file:')) return !liesIn(join(workspace, source.slice('file:'.length)), workspace);
  return source.startsWith('dotenv:') && !liesIn(join(workspace, '.env'), workspace);
}

function readSecret(
  source: string,
  workspace: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const [kind, rest] = [source.slice(0, source.indexOf(':')), source.slice(source.indexOf(':') + 1)];
  if (kind === 'env') return env[rest];
  if (kind === 'file') return read(join(workspace, rest))?.replace(/\r?\n$/, '');
  if (kind === 'dotenv') return dotenv(read(join(workspace, '.env')) ?? '').get(rest);
  return undefined;
}

function read(path: string): string | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() && stat.size <= MAX_BYTES ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** `NAME=value` lines; values may stand in single or double quotes; `#` begins a comment line. */
function dotenv(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const quoted = /^(["'])(.*)\1$/.exec(match[2]);
    found.set(match[1], quoted?.[2] ?? match[2]);
  }
  return found;
}
