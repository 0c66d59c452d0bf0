import { readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Digest, digest } from '../../core/ids.ts';
import { hashFile } from '../../io/hash-file.ts';
import { runProgram } from '../../io/run-program.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import { findProgram } from './find-program.ts';

export interface PathTool {
  readonly executable: string;
  readonly mounts: readonly string[];
  readonly digest: Digest;
  readonly version: string | null;
}

/**
 * An unpinned tool that PATH finds: its own sha256 is its digest, its version what it says of itself. One inside the
 * scanned tree is SP4007 and never started, not even for its version.
 */
export async function findPathTool(
  bin: string,
  env: Readonly<Record<string, string | undefined>>,
  workspace: string | null,
): Promise<Attempt<{ tool: PathTool }>> {
  const found = findProgram(bin, env.PATH ?? '', workspace);
  if (found.found === 'no') return refuse('SP4017', `${bin} is not on PATH`);
  if (found.found === 'refused') {
    return refuse('SP4007', `PATH finds ${bin} in the scanned tree, at ${found.path}`);
  }
  const real = await realpath(found.path);
  const version = await runProgram(found.path, ['--version'], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent' },
    timeoutMs: 20_000,
  });
  const text = version.code === 0 ? `${version.stdout}\n${version.stderr}` : '';
  return {
    ok: true,
    tool: {
      executable: real,
      mounts: [real, ...(await interpreterOf(real))].filter((path) => !path.startsWith('/usr/')),
      digest: digest(`sha256:${await hashFile(real)}`),
      version: /\d+(\.\d+)+([-+.][0-9A-Za-z.]+)?/.exec(text)?.[0] ?? null,
    },
  };
}

/** The folder above a script's interpreter: its prefix, which holds its library. */
async function interpreterOf(path: string): Promise<string[]> {
  const head = (await readFile(path)).subarray(0, 256).toString('latin1');
  const interpreter = /^#!\s*(\/\S+)/.exec(head)?.[1];
  if (interpreter === undefined || interpreter.startsWith('/usr/') || interpreter.startsWith('/bin/'))
    return [];
  return [dirname(dirname(interpreter))];
}
