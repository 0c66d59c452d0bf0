import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tailOf } from '../../io/run-program.ts';
import { INSTALL_TIMEOUT_MS, type InstallContext } from '../installers/context.ts';
import { findPip } from '../programs/find-uv.ts';
import { findPython } from '../programs/python.ts';
import { HASH_MISMATCH } from '../shared/hash-mismatch.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import { requirementsText } from '../shared/requirements-text.ts';

/** The locked wheels for this machine and its Python, checked by pip. `context.dir` is a scratch folder. */
export async function fetchPypi(context: InstallContext, folder: string): Promise<Attempt<object>> {
  const { locked, dir, env, workspace } = context;
  const built = locked.packages.find(({ source }) => source === true);
  if (built !== undefined) {
    // pip would run its code to learn its requirements.
    const why = `${built.name} is built from source, which is possible only during download`;
    return refuse('SP4003', why, 'Install it on a machine that can reach a package index.');
  }
  const found = await findPython(locked.platform?.python ?? '3.11', env, workspace);
  if (!found.ok) return found;
  const pip = await findPip(found.python, join(dir, 'pip'), { env, workspace, run: context.run });
  if (!pip.ok) return pip;
  const requirements = join(dir, 'requirements.txt');
  await mkdir(dir, { recursive: true });
  await writeFile(requirements, requirementsText(locked.packages));
  const result = await context.run(
    found.python.path,
    [
      ...[...pip.args, 'download', '--quiet', '--disable-pip-version-check', '--no-input', '--dest', folder],
      ...['--require-hashes', '--no-deps', '--only-binary', ':all:', '--requirement', requirements],
    ],
    {
      cwd: dir,
      env,
      timeoutMs: INSTALL_TIMEOUT_MS,
      ...(context.signal ? { signal: context.signal } : {}),
    },
  );
  if (result.code === 0) return { ok: true };
  return refuse(HASH_MISMATCH.test(result.stderr) ? 'SP4004' : 'SP4003', `pip download: ${tailOf(result)}`);
}
