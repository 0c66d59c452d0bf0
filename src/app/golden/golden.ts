import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { compareGolden, type GoldenReport } from '../../evidence/golden/compare-golden.ts';
import { type DescribedBundle, describeBundle } from '../../evidence/golden/describe-bundle.ts';
import { type GoldenFile, goldenFile } from '../../evidence/golden/golden-file.ts';
import { neverGolden } from '../../evidence/golden/never-golden.ts';
import { createArtifactValidator } from '../../evidence/golden/validate-artifact.ts';
import { packageRoot } from '../package/package-root.ts';
import { openBundle } from '../workspace/open-bundle.ts';

export interface GoldenRequest {
  /** Absolute. */
  readonly cwd: string;
  /** Name of the golden; default: the bundle's profile. */
  readonly name?: string | undefined;
  readonly bundle?: string | undefined;
  readonly exportDir?: string | undefined;
  /** Folder of goldens; default `golden` in the working folder. */
  readonly dir?: string | undefined;
}

/** Holds a bundle against its golden; never scans. A partial or incomplete run is refused: SP6004. */
export async function checkGolden(request: GoldenRequest): Promise<Outcome<GoldenReport>> {
  const described = await describe(request);
  if (!described.ok) return described;
  const { folder, bundle } = described.value;
  let golden: GoldenFile;
  try {
    golden = goldenFile.parse(JSON.parse(await readFile(join(folder, 'golden.json'), 'utf8')));
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'is not a golden';
    return failed([
      diagnostic('SP6003', `${join(folder, 'golden.json')} ${why}`, {
        help: 'Review the bundle, then run `secplan golden update`.',
      }),
    ]);
  }
  const kept = new Map<string, string>();
  for (const path of bundle.small.keys()) {
    const text = await readFile(join(folder, 'files', path), 'utf8').catch(() => undefined);
    if (text !== undefined) kept.set(path, text.replace(/\n$/, ''));
  }
  return success(compareGolden(golden, bundle, (path) => kept.get(path)));
}

/**
 * Takes a bundle as the new golden, replacing the old one whole. Returns the golden's folder. A bundle of a partial or
 * incomplete run is refused, SP6004, and one with a document that breaks its schema, SP6003: the old golden then stays.
 */
export async function updateGolden(request: GoldenRequest): Promise<Outcome<string>> {
  const described = await describe(request);
  if (!described.ok) return described;
  const { folder, bundle } = described.value;
  if (bundle.invalid.length > 0) {
    return failed(bundle.invalid.map((line) => diagnostic('SP6003', `violates its schema: ${line}`)));
  }
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  for (const [path, text] of bundle.small) {
    const file = join(fresh, 'files', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${text}\n`);
  }
  await writeFile(join(fresh, 'golden.json'), `${JSON.stringify(bundle.golden, null, 2)}\n`);
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
  return success(folder);
}

interface Described {
  readonly folder: string;
  readonly bundle: DescribedBundle;
}

async function describe(request: GoldenRequest): Promise<Outcome<Described>> {
  const found = await openBundle(request);
  if (!found.ok) return found;
  const { dir, summary, verdict } = found.value;
  const why = neverGolden(verdict);
  if (why !== undefined) return failed([diagnostic('SP6004', `the run of ${summary.bundle} was ${why}`)]);
  const name = request.name ?? summary.profile;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name))
    return failed([diagnostic('SP9001', `not a valid golden name: ${name}`)]);
  const folder = join(resolve(request.cwd, request.dir ?? 'golden'), name);
  return success({
    folder,
    bundle: await describeBundle(dir, name, summary, await createArtifactValidator(packageRoot())),
  });
}
