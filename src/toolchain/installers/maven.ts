import { chmod, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { findCarried } from '../carry/carried.ts';
import { findProgram } from '../find-program.ts';
import { hashFile } from '../hash-file.ts';
import type { LockedPackage } from '../lock-types.ts';
import { type Attempt, refuse } from '../problem.ts';
import { runProgram, tailOf } from '../run-program.ts';
import type { BuiltTool } from '../store.ts';
import { INSTALL_TIMEOUT_MS, type InstallContext } from './context.ts';

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';

/** Jars from a Maven repository, each checked against the lock, with a launcher that starts the first of them. */
export async function installMaven(context: InstallContext): Promise<Attempt<{ built: BuiltTool }>> {
  const { locked, dir, env } = context;
  const java = findProgram('java', env.PATH ?? '', context.workspace);
  if (java.found !== 'yes') return refuse('SP4006', 'java is not on PATH', 'Install a Java runtime.');
  const jars: string[] = [];
  for (const [index, item] of locked.packages.entries()) {
    const folder = join(dir, 'lib', String(index));
    await mkdir(folder, { recursive: true });
    const jar = await fetchJar(context, item, folder);
    if (!jar.ok) return jar;
    jars.push(join('lib', String(index), basename(jar.path)));
  }
  const executable = join('bin', context.bin);
  await mkdir(join(dir, 'bin'));
  const launcher = [
    '#!/bin/sh',
    'home=$(dirname -- "$(dirname -- "$(realpath -- "$0")")")',
    `exec java -jar "$home/${jars[0]}" "$@"`,
    '',
  ].join('\n');
  await writeFile(join(dir, executable), launcher);
  await chmod(join(dir, executable), 0o755);
  return { ok: true, built: { executable, mounts: [], env: {}, host: {} } };
}

async function fetchJar(
  context: InstallContext,
  item: LockedPackage,
  folder: string,
): Promise<Attempt<{ path: string }>> {
  const what = `${item.name} ${item.version}`;
  if (context.carried !== undefined) {
    const found = findCarried(context.carried, what, item.hashes);
    if (!found.ok) return found;
    // The launcher names it: what the file was called elsewhere does not count.
    const path = join(folder, 'carried.jar');
    await copyFile(found.path, path);
    return { ok: true, path };
  }
  const { dir, env } = context;
  const mvn = findProgram('mvn', env.PATH ?? '', context.workspace);
  if (mvn.found !== 'yes') return refuse('SP4006', 'mvn is not on PATH', 'Install Maven and a Java runtime.');
  const [group, artifact, type = 'jar'] = item.name.split(':');
  const result = await runProgram(
    mvn.path,
    [
      ...['--batch-mode', '--quiet', '--strict-checksums', COPY],
      ...[`-Dartifact=${group}:${artifact}:${item.version}:${type}`, `-DoutputDirectory=${folder}`],
    ],
    { cwd: dir, env, timeoutMs: INSTALL_TIMEOUT_MS, ...(context.signal ? { signal: context.signal } : {}) },
  );
  const [name] = await readdir(folder);
  if (result.code !== 0 || !name) return refuse('SP4003', `mvn: ${tailOf(result)}`);
  const path = join(folder, name);
  const actual = `sha256:${await hashFile(path)}`;
  if (!item.hashes.includes(actual)) {
    return refuse('SP4004', `${what} is ${actual}, locked is ${item.hashes.join(', ')}`);
  }
  await context.keep?.(path);
  return { ok: true, path };
}
