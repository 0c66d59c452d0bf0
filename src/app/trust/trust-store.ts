import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit, digestOfJson, sha256Hex } from '../../core/canonical.ts';
import type { Digest } from '../../core/ids.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Result } from '../../core/result.ts';
import { atomicWrite } from '../../io/atomic-write.ts';
import { liesIn } from '../../io/paths.ts';
import { userFolder, writableByOthers } from '../../io/user-folder.ts';

type Env = Readonly<Record<string, string | undefined>>;

const SCHEMA = 'https://secplan.dev/schema/trusted-workspace/v1';
const MOST_BYTES = 16 * 2 ** 20;

/** What a user has vouched for, in one workspace and for one manifest (or plan file). */
export interface TrustedWorkspace {
  readonly schema: typeof SCHEMA;
  /** Absolute, links resolved. */
  readonly workspace: string;
  /** Relative to the workspace; empty for the built-in manifest; `plan` for a plan file. */
  readonly manifest: string;
  /** Of the facts: any other set is not trusted. */
  readonly digest: Digest;
  /** Every deciding fact, to name the ones that changed: identity to words. */
  readonly facts: Readonly<Record<string, string>>;
}

type Named = Pick<TrustedWorkspace, 'workspace' | 'manifest'>;

/** The digest that stands for a set of facts, whatever their order. */
export function factsDigest(identities: Iterable<string>): Digest {
  return digestOfJson([...new Set(identities)].sort(byCodeUnit));
}

/** Where the user's decisions lie: below `$XDG_CONFIG_HOME`, else `~/.config`. */
export function trustFolder(env: Env): string {
  return join(userFolder('config', env), 'trusted');
}

/**
 * What the user decided about a workspace. Nothing counts that somebody else could have written: a folder below the workspace
 * itself, one that belongs to another user or that all may write to.
 */
export function trustedEntries(env: Env, workspace: string): readonly TrustedWorkspace[] {
  const folder = trustFolder(env);
  if (whyNotPrivate(folder, workspace) !== undefined) return [];
  return readEntries(folder).filter((entry) => entry.workspace === workspace);
}

/** Every workspace that the user trusts, sorted by path. */
export function listTrusted(env: Env): readonly TrustedWorkspace[] {
  return readEntries(trustFolder(env));
}

/** Notes that the user trusts these facts. @throws the file system's error */
export async function saveTrusted(
  env: Env,
  { workspace, manifest }: Named,
  facts: Readonly<Record<string, string>>,
): Promise<Result<{ readonly entry: TrustedWorkspace }, { readonly why: string }>> {
  const folder = trustFolder(env);
  const why = whyNotPrivate(folder, workspace);
  if (why !== undefined) return { ok: false, why: `${folder}: ${why}` };
  const entry: TrustedWorkspace = {
    schema: SCHEMA,
    workspace,
    manifest,
    digest: factsDigest(Object.keys(facts)),
    facts,
  };
  await atomicWrite(fileOf(folder, entry), `${JSON.stringify(entry, null, 2)}\n`);
  return { ok: true, entry };
}

/** Takes back all that was said about a workspace. @returns how many entries were removed */
export function revokeTrusted(env: Env, workspace: string): number {
  const folder = trustFolder(env);
  const entries = readEntries(folder).filter((entry) => entry.workspace === workspace);
  for (const entry of entries) rmSync(fileOf(folder, entry), { force: true });
  return entries.length;
}

function fileOf(folder: string, { workspace, manifest }: Named): string {
  return join(folder, `${sha256Hex(JSON.stringify([workspace, manifest])).slice(0, 32)}.json`);
}

function whyNotPrivate(folder: string, workspace: string): string | undefined {
  if (liesIn(folder, workspace))
    return 'it lies in the workspace, where the scanned tree could have brought it along';
  return writableByOthers(folder);
}

function readEntries(folder: string): readonly TrustedWorkspace[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  return names
    .flatMap((name) => readEntry(join(folder, name)) ?? [])
    .filter((entry) => names.includes(fileOf('', entry)))
    .sort((a, b) => byCodeUnit(a.workspace, b.workspace) || byCodeUnit(a.manifest, b.manifest));
}

function readEntry(file: string): TrustedWorkspace | undefined {
  try {
    const stat = lstatSync(file);
    if (!stat.isFile() || stat.size > MOST_BYTES || writableByOthers(file) !== undefined) return undefined;
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isEntry(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is TrustedWorkspace {
  return (
    isRecord(value) &&
    value.schema === SCHEMA &&
    typeof value.workspace === 'string' &&
    typeof value.manifest === 'string' &&
    isRecord(value.facts) &&
    value.digest === factsDigest(Object.keys(value.facts))
  );
}
