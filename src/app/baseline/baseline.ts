import { lstat, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { loadManifest } from '../../compiler/read/load.ts';
import { DEFAULT_BASELINE } from '../../compiler/resolve/check-policy-files.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import type { BundleContent } from '../../evidence/bundle/read-bundle.ts';
import { type Baseline, type BaselineEntry, baselineOf, pruneBaseline } from '../../policy/baseline.ts';
import { baselineText, readBaseline } from '../policy-inputs/read-baseline.ts';
import { openBundle } from '../workspace/open-bundle.ts';

export interface BaselineRequest {
  /** Absolute. */
  readonly cwd: string;
  readonly bundle?: string | undefined;
  readonly exportDir?: string | undefined;
  /** File; default: the one that the plan names, else `secplan.baseline.json`, beside the manifest. */
  readonly file?: string | undefined;
  /** Write over a baseline that is there. */
  readonly force?: boolean | undefined;
}

export interface WrittenBaseline {
  /** Absolute. */
  readonly file: string;
  readonly bundle: BundleContent;
  readonly baseline: Baseline;
  /** Entries that were taken out. */
  readonly dropped: readonly BaselineEntry[];
}

/** Writes every finding of a bundle as known. SP4014 where a baseline is there and `force` is not set. */
export async function createBaseline(request: BaselineRequest): Promise<Outcome<WrittenBaseline>> {
  const opened = await open(request);
  if (!opened.ok) return opened;
  const { bundle, file } = opened.value;
  if (!request.force && (await readFile(file).catch(() => undefined)) !== undefined) {
    return failed([diagnostic('SP4014', `${file} already exists`)]);
  }
  const baseline = baselineOf(bundle.findings);
  await replace(file, baseline);
  return success({ file, bundle, baseline, dropped: [] });
}

/** Drops what a bundle no longer holds; adds nothing. SP4010 where there is no baseline, or one that cannot be read. */
export async function pruneBaselineFile(request: BaselineRequest): Promise<Outcome<WrittenBaseline>> {
  const opened = await open(request);
  if (!opened.ok) return opened;
  const { bundle, file } = opened.value;
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined) {
    return failed([
      diagnostic('SP4010', `${file}: not found`, { help: '`secplan baseline create` writes it.' }),
    ]);
  }
  const before = readBaseline(file, bytes);
  if (!before.ok) return before;
  const { baseline, dropped } = pruneBaseline(
    before.value,
    bundle.findings,
    bundle.verdict.coverage,
    bundle.facts.formerly,
  );
  if (baselineText(baseline) !== baselineText(before.value)) await replace(file, baseline);
  return success({ file, bundle, baseline, dropped });
}

async function open(
  request: BaselineRequest,
): Promise<Outcome<{ readonly bundle: BundleContent; readonly file: string }>> {
  const { cwd } = request;
  const bundle = await openBundle(request);
  if (!bundle.ok) return bundle;
  if (request.file !== undefined) {
    const file = isAbsolute(request.file) ? request.file : resolve(cwd, request.file);
    return success({ bundle: bundle.value, file });
  }
  // Without a manifest, the working folder: where the built-in one has its workspace.
  const loaded = await loadManifest({ cwd });
  const workspace = loaded.ok ? loaded.value.workspace : cwd;
  const named = loaded.ok ? loaded.value.manifest.policy?.baseline : undefined;
  const file = join(workspace, named ?? DEFAULT_BASELINE);
  if (await staysInside(workspace, file)) return success({ bundle: bundle.value, file });
  return failed([
    diagnostic('SP2011', 'the baseline is outside the workspace', {
      pointer: '/policy/baseline',
      value: String(named),
    }),
  ]);
}

/** Through links, too: its folder must be there and lie inside, and it must be no link itself. */
async function staysInside(workspace: string, file: string): Promise<boolean> {
  try {
    const [root, folder] = [await realpath(workspace), await realpath(dirname(file))];
    const link = await lstat(file).then(
      (facts) => facts.isSymbolicLink(),
      () => false,
    );
    return !link && (folder === root || folder.startsWith(root + sep));
  } catch {
    return false;
  }
}

async function replace(file: string, baseline: Baseline): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  await writeFile(part, baselineText(baseline));
  await rename(part, file);
}
