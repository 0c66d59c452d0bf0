import { copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { byCodeUnit, canonicalJson } from '../../core/canonical.ts';
import type { Result } from '../../core/result.ts';
import { unreachable } from '../../core/unreachable.ts';
import { type TarMember, writeTar } from '../../io/archive/write-tar.ts';
import type { LockedProvider, ToolsLock } from '../../lock/lock-types.ts';
import { firstAvailable } from '../first-available.ts';
import { housesFor } from '../house/in-house.ts';
import type { RunInstaller } from '../house/installer-house.ts';
import type { InstallContext } from '../installers/context.ts';
import { installLocked } from '../installers/install.ts';
import { installerEnv } from '../programs/installer-env.ts';
import { type Attempt, type Problem, refuse } from '../shared/problem.ts';
import { removeTree } from '../shared/store-folders.ts';
import { BUNDLE_INDEX, BUNDLE_SCHEMA, type BundleIndex } from './bundle-index.ts';

export interface ToolToCarry {
  readonly tool: string;
  /** Used where this one is unavailable, in this order. */
  readonly others?: readonly ToolToCarry[];
  readonly provider: string;
  readonly bin: string;
  readonly locked: LockedProvider;
}

export interface CarryOutOptions {
  readonly lock: ToolsLock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workspace: string | null;
  readonly signal?: AbortSignal;
  /** False: installers run as processes of this machine. */
  readonly sandboxed?: boolean;
  /** Called where they do, with the reason. */
  readonly onOpen?: (why: string) => void;
  readonly onTool?: (item: ToolToCarry) => void;
}

export type CarriedOut = Result<
  { readonly index: BundleIndex },
  { readonly problems: readonly { readonly tool: string; readonly problem: Problem }[] }
>;

/**
 * Fetches what the lock pins for some tools and writes it as one file, to be installed where there is no network. It
 * holds downloads as their projects publish them, never what was installed out of them: those the lock's hashes verify.
 * All or nothing: with one tool that is not available there is no bundle. It is for machines like this one.
 */
export async function carryOut(
  file: string,
  tools: readonly ToolToCarry[],
  options: CarryOutOptions,
): Promise<CarriedOut> {
  const onOpen = options.onOpen ?? (() => undefined);
  const scratch = await mkdtemp(join(tmpdir(), 'secplan-carry-'));
  try {
    const files = join(scratch, 'files');
    const all = withUv(tools, options.lock);
    const inHouse = housesFor({ ...options, sandboxed: options.sandboxed !== false, onOpen }, dirname(file));
    const problems: { tool: string; problem: Problem }[] = [];
    const carried: ToolToCarry[] = [];
    const fetchOne = async (item: ToolToCarry): Promise<Attempt<object>> => {
      options.onTool?.(item);
      const folder = join(files, item.tool, item.provider);
      const work = join(scratch, 'work', item.tool, item.provider);
      await mkdir(folder, { recursive: true });
      await mkdir(work, { recursive: true });
      const place = { kind: item.locked.kind, written: [work, folder] } as const;
      const outcome = await inHouse(place, (run) => fetchInto(folder, work, item, { ...options, run }));
      await removeTree(work);
      if (!outcome.ok) await removeTree(folder);
      return outcome;
    };
    for (const item of all) {
      const choices = [item, ...(item.others ?? [])].map((one) => ({ ...one, name: one.provider }));
      const found = await firstAvailable(choices, undefined, fetchOne);
      if (found.ok) carried.push(found.choice);
      else problems.push({ tool: item.tool, problem: found.problem });
    }
    if (problems.length > 0) return { ok: false, problems };
    const index: BundleIndex = {
      schema: BUNDLE_SCHEMA,
      tools: carried.map(({ tool, provider, locked: { version, digest } }) => ({
        tool,
        provider,
        version,
        digest,
      })),
    };
    await writeBundle(file, scratch, index);
    return { ok: true, index };
  } catch (error) {
    return {
      ok: false,
      problems: [{ tool: basename(file), problem: refuse('SP4003', String(error)).problem }],
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** uv installs what comes from PyPI: the machine that it is carried to may lack it. */
function withUv(tools: readonly ToolToCarry[], lock: ToolsLock): readonly ToolToCarry[] {
  const uv = lock.installers?.uv;
  const all = tools.flatMap((item) => [item, ...(item.others ?? [])]);
  if (uv === undefined || !all.some(({ locked }) => locked.kind === 'pypi')) return tools;
  return [...tools, { tool: 'uv', provider: uv.kind, bin: 'uv', locked: uv }];
}

async function fetchInto(
  folder: string,
  work: string,
  { bin, locked }: ToolToCarry,
  options: CarryOutOptions & { readonly run: RunInstaller },
): Promise<Attempt<object>> {
  let kept = 0;
  const context: InstallContext = {
    locked,
    bin,
    dir: work,
    finalDir: work,
    env: installerEnv(options.env, options.workspace),
    workspace: options.workspace,
    run: options.run,
    ...(options.signal ? { signal: options.signal } : {}),
    uv: () => Promise.resolve(refuse('SP4006', 'uv is not needed to fetch')),
    go: () => Promise.resolve(refuse('SP4006', 'go is not needed to fetch')),
    keep: (path) => copyFile(path, join(folder, `${kept++}-${basename(path)}`)),
  };
  switch (locked.kind) {
    case 'pypi':
      return (await import('./fetch-pypi.ts')).fetchPypi(context, folder);
    case 'go':
      return (await import('./fetch-go.ts')).fetchGo(context, folder);
    case 'npm':
    case 'maven':
    case 'debian':
    case 'release':
    case 'image':
      // Installing them is quick, and shows that what is carried is whole.
      return installLocked(context);
    default:
      return unreachable(locked.kind);
  }
}

async function writeBundle(file: string, scratch: string, index: BundleIndex): Promise<void> {
  const entries = await readdir(join(scratch, 'files'), { recursive: true, withFileTypes: true });
  const members = entries
    .filter((entry) => entry.isFile())
    .map((entry): TarMember => {
      const path = join(entry.parentPath, entry.name);
      return { name: relative(scratch, path), content: { path } };
    })
    .sort((a, b) => byCodeUnit(a.name, b.name));
  const draft = `${file}.tmp-${crypto.randomUUID()}`;
  try {
    await writeTar(draft, [
      { name: BUNDLE_INDEX, content: { text: `${canonicalJson(index)}\n` } },
      ...members,
    ]);
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}
