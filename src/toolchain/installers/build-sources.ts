import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { hashFile } from '../../io/hash-file.ts';
import { tailOf } from '../../io/run-program.ts';
import type { LockedPackage } from '../../lock/lock-types.ts';
import {
  openSourceBuilder,
  type SourceBuilder,
  type SourceBuilderRequest,
} from '../programs/source-builder.ts';
import { HASH_MISMATCH } from '../shared/hash-mismatch.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import { requirementsText } from '../shared/requirements-text.ts';

/** The packages as they are to be installed: with the hash of the wheel that was made in place of the locked ones. */
export interface BuiltSources {
  readonly packages: readonly LockedPackage[];
  /** Folder of the wheels. */
  readonly wheels: string;
}

/**
 * Makes a wheel of each source distribution that the lock pins by hash. Each has its own builder and cache, so that
 * none can change what another is made of. One whose marker does not hold on this machine is left out.
 */
export async function buildSources(
  sources: readonly LockedPackage[],
  request: SourceBuilderRequest,
): Promise<Attempt<{ sources: BuiltSources }>> {
  const wheels = join(request.dir, 'wheels');
  await mkdir(wheels, { recursive: true });
  const packages: LockedPackage[] = [];
  for (const source of sources) {
    const dir = join(request.dir, source.name);
    const wheel = await buildOne(source, { ...request, dir });
    if (!wheel.ok) return wheel;
    if (wheel.path !== undefined) {
      await copyFile(wheel.path, join(wheels, basename(wheel.path)));
      packages.push({ ...source, hashes: [`sha256:${await hashFile(wheel.path)}`] });
    }
    await rm(dir, { recursive: true, force: true });
  }
  return { ok: true, sources: { packages, wheels } };
}

async function buildOne(
  source: LockedPackage,
  request: SourceBuilderRequest,
): Promise<Attempt<{ path: string | undefined }>> {
  const opened = await openSourceBuilder(request);
  if (!opened.ok) return opened;
  const { builder } = opened;
  try {
    return await buildWith(builder, source, request);
  } finally {
    await builder.close();
  }
}

async function buildWith(
  { python, cache, shown }: SourceBuilder,
  source: LockedPackage,
  request: SourceBuilderRequest,
): Promise<Attempt<{ path: string | undefined }>> {
  const requirements = join(request.dir, 'requirements.txt');
  await writeFile(requirements, requirementsText([source]));
  const result = await request.run(
    request.uv,
    [
      ...['pip', 'install', '--quiet', '--no-config', '--no-progress', '--no-deps', '--no-build-isolation'],
      ...['--require-hashes', '--no-binary', ':all:', '--cache-dir', cache, '--python', python],
      ...['--target', join(request.dir, 'target'), '--requirements', requirements],
    ],
    { ...request.options, shown },
  );
  if (result.code !== 0) {
    const text = `${source.name} ${source.version} from source: ${tailOf(result)}`;
    return HASH_MISMATCH.test(result.stderr)
      ? refuse('SP4004', text)
      : refuse('SP4003', text, "Code in C needs a compiler and Python's headers (Debian: gcc, python3-dev).");
  }
  // Regular files only: what was built may have left links to elsewhere.
  const files = await readdir(cache, { recursive: true, withFileTypes: true });
  const made = files
    .filter((file) => file.isFile() && file.name.endsWith('.whl'))
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => path.startsWith(join(cache, 'sdists-')));
  if (made.length === 0 && source.marker !== undefined) return { ok: true, path: undefined };
  const [path] = made;
  return path === undefined || made.length > 1
    ? refuse('SP4003', `${source.name} ${source.version} from source: ${made.length} wheels were made`)
    : { ok: true, path };
}
