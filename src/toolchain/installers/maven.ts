import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../../io/hash-file.ts';
import { tailOf } from '../../io/run-program.ts';
import type { LockedPackage } from '../../lock/lock-types.ts';
import { findProgram } from '../programs/find-program.ts';
import { findCarried } from '../shared/carried.ts';
import { coordinateXml, mavenCoordinate, pomXml } from '../shared/maven-pom.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import type { BuiltTool } from '../shared/store.ts';
import { INSTALL_TIMEOUT_MS, type InstallContext } from './context.ts';

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';

/**
 * Jars from a Maven repository, fetched at once and each checked against the lock, with a launcher: of the first of them,
 * or, where the executable is `java`, of Java with all of them as its class path.
 */
export async function installMaven(context: InstallContext): Promise<Attempt<{ built: BuiltTool }>> {
  const { locked, dir, env } = context;
  const java = findProgram('java', env.PATH ?? '', context.workspace);
  if (java.found !== 'yes') return refuse('SP4006', 'java is not on PATH', 'Install a Java runtime.');
  const lib = join(dir, 'lib');
  await mkdir(lib);
  const fetched = context.carried === undefined ? await fetchJars(context, lib) : { ok: true as const };
  if (!fetched.ok) return fetched;
  for (const [index, item] of locked.packages.entries()) {
    const jar = await checkJar(context, item, join(lib, fileOf(index)));
    if (!jar.ok) return jar;
  }
  const executable = join('bin', context.bin);
  await mkdir(join(dir, 'bin'));
  const started = context.bin === 'java' ? '-cp "$home/lib/*"' : `-jar "$home/lib/${fileOf(0)}"`;
  const launcher = [
    '#!/bin/sh',
    'home=$(dirname -- "$(dirname -- "$(realpath -- "$0")")")',
    // By its full path: the launcher itself may be what PATH has as `java`.
    `exec '${java.path.replaceAll("'", "'\\''")}' ${started} "$@"`,
    '',
  ].join('\n');
  await writeFile(join(dir, executable), launcher);
  await chmod(join(dir, executable), 0o755);
  return { ok: true, built: { executable, mounts: [], env: {}, host: {} } };
}

function fileOf(index: number): string {
  return `${index}.jar`;
}

/** Checks the file that was fetched, or takes the one that was carried in. */
async function checkJar(
  context: InstallContext,
  item: LockedPackage,
  path: string,
): Promise<Attempt<object>> {
  const what = `${item.name} ${item.version}`;
  if (context.carried !== undefined) {
    const found = findCarried(context.carried, what, item.hashes);
    if (!found.ok) return found;
    await copyFile(found.path, path);
    return { ok: true };
  }
  const actual = `sha256:${await hashFile(path)}`;
  if (!item.hashes.includes(actual)) {
    return refuse('SP4004', `${what} is ${actual}, locked is ${item.hashes.join(', ')}`);
  }
  await context.keep?.(path);
  return { ok: true };
}

/** By one run of Maven, which takes seconds to start, with the user's settings for its repositories. */
async function fetchJars(context: InstallContext, lib: string): Promise<Attempt<object>> {
  const { dir, env } = context;
  const mvn = findProgram('mvn', env.PATH ?? '', context.workspace);
  if (mvn.found !== 'yes') return refuse('SP4006', 'mvn is not on PATH', 'Install Maven and a Java runtime.');
  const items: string[] = [];
  for (const [index, item] of context.locked.packages.entries()) {
    const coordinate = mavenCoordinate(item);
    if (coordinate === undefined)
      return refuse('SP4003', `${item.name} ${item.version} is not a Maven coordinate`);
    const to = `<destFileName>${fileOf(index)}</destFileName>`;
    items.push(`<artifactItem>${coordinateXml(coordinate)}${to}</artifactItem>`);
  }
  const scratch = join(dir, '.maven');
  await mkdir(scratch);
  await writeFile(
    join(scratch, 'pom.xml'),
    pomXml(
      '<build><plugins><plugin><groupId>org.apache.maven.plugins</groupId>' +
        '<artifactId>maven-dependency-plugin</artifactId>' +
        `<configuration><artifactItems>${items.join('')}</artifactItems></configuration></plugin></plugins></build>`,
    ),
  );
  const result = await context.run(
    mvn.path,
    ['--batch-mode', '--quiet', '--strict-checksums', COPY, `-DoutputDirectory=${lib}`],
    {
      cwd: scratch,
      env,
      timeoutMs: INSTALL_TIMEOUT_MS,
      ...(context.signal ? { signal: context.signal } : {}),
    },
  );
  await rm(scratch, { recursive: true });
  // Maven tells on standard output.
  return result.code === 0
    ? { ok: true }
    : refuse('SP4003', `mvn: ${result.stdout.trim().slice(0, 500) || tailOf(result)}`);
}
