import { lstatSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

const FOLDERS = {
  config: { variable: 'XDG_CONFIG_HOME', below: '.config' },
  state: { variable: 'XDG_STATE_HOME', below: '.local/state' },
} as const;

/** secplan's folder for a user's settings or state, by the XDG base directory specification: a relative path in the environment is ignored. */
export function userFolder(kind: keyof typeof FOLDERS, env: Env): string {
  const { variable, below } = FOLDERS[kind];
  const base = env[variable];
  if (base !== undefined && isAbsolute(base)) return join(base, 'secplan');
  return join(env.HOME !== undefined && isAbsolute(env.HOME) ? env.HOME : homedir(), below, 'secplan');
}

/** Why others than this user could have written a file or folder, in words; undefined where they could not, or it does not exist. */
export function writableByOthers(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const own = process.getuid?.();
  if (own !== undefined && stat.uid !== own) return `it belongs to user ${stat.uid}, not to user ${own}`;
  return (stat.mode & 0o002) === 0 ? undefined : 'every user may write to it';
}
