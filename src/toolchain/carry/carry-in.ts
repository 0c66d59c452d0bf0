import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArchiveError, type UnpackLimits } from '../../io/archive/sink.ts';
import { unpackTar } from '../../io/archive/tar.ts';
import { type Carried, openCarried } from '../shared/carried.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import { BUNDLE_INDEX, type BundleIndex, parseIndex } from './bundle-index.ts';

/** A bundle of tools, unpacked. Nothing of it is trusted: installers take out of it what has the lock's hashes. */
export interface ToolBundle extends AsyncDisposable {
  readonly index: BundleIndex;
  /** What it holds for one provider of one tool. */
  carried(tool: string, provider: string): Promise<Carried | undefined>;
}

const LIMITS: UnpackLimits = { maxBytes: 16 * 2 ** 30, maxEntries: 500_000 };

/** Unpacks a bundle below the system's temporary folder: SP4003 when it cannot be read, SP4004 when it is none or unsafe. */
export async function openToolBundle(file: string): Promise<Attempt<{ bundle: ToolBundle }>> {
  const dir = await mkdtemp(join(tmpdir(), 'secplan-carry-'));
  const dispose = () => rm(dir, { recursive: true, force: true });
  let index: BundleIndex | undefined;
  try {
    await unpackTar(file, dir, LIMITS);
    index = parseIndex(await readFile(join(dir, BUNDLE_INDEX), 'utf8').catch(() => ''));
  } catch (error) {
    await dispose();
    const damaged = error instanceof ArchiveError;
    return refuse(damaged ? 'SP4004' : 'SP4003', `${file}: ${(error as Error).message}`);
  }
  if (index === undefined) {
    await dispose();
    return refuse(
      'SP4004',
      `${file} is not a tool bundle`,
      'Create one: secplan tools install --to-bundle FILE.',
    );
  }
  const opened = new Map<string, Promise<Carried | undefined>>();
  async function open(folder: string): Promise<Carried | undefined> {
    const facts = await stat(folder).catch(() => undefined);
    return facts?.isDirectory() ? openCarried(folder) : undefined;
  }
  return {
    ok: true,
    bundle: {
      index,
      carried(tool, provider) {
        const folder = join(dir, 'files', tool, provider);
        const known = opened.get(folder) ?? open(folder);
        opened.set(folder, known);
        return known;
      },
      [Symbol.asyncDispose]: dispose,
    },
  };
}
