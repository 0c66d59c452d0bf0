import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LockedPackage } from '../lock-types.ts';
import { type Attempt, refuse } from '../problem.ts';
import { runProgram, tailOf } from '../run-program.ts';
import { RESOLVE_TIMEOUT_MS, type Resolution, type ResolveContext } from './context.ts';

const PYTHON = '3.11';

/** A PyPI package with everything it needs, for Python 3.11 and newer, with the hashes of all files of each version. */
export async function resolvePypi(context: ResolveContext): Promise<Attempt<{ resolution: Resolution }>> {
  const uv = await context.uv();
  if (!uv.ok) return uv;
  const input = join(context.scratch, 'requirements.in');
  await writeFile(
    input,
    `${context.package}${context.version === undefined ? '' : `==${context.version}`}\n`,
  );
  const result = await runProgram(
    uv.path,
    [
      ...['pip', 'compile', '--quiet', '--no-config', '--universal', '--python-version', PYTHON],
      ...['--generate-hashes', '--no-annotate', '--no-header', '--only-binary', ':all:', input],
    ],
    { cwd: context.scratch, env: context.env, timeoutMs: RESOLVE_TIMEOUT_MS },
  );
  if (result.code !== 0) return refuse('SP4003', `uv pip compile: ${tailOf(result)}`);
  const packages = parseRequirements(result.stdout);
  const own = packages.find((item) => normalName(item.name) === normalName(context.package));
  if (!own) return refuse('SP4003', `uv pip compile gave no ${context.package}`);
  return {
    ok: true,
    resolution: {
      version: own.version,
      packages: [own, ...packages.filter((item) => item !== own)],
      platform: { python: PYTHON },
    },
  };
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

/** PEP 503 normalised name. */
function normalName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}
