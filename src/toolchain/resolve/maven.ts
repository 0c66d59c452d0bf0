import { readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { byCodeUnit } from '../../core/canonical.ts';
import { hashFile } from '../../io/hash-file.ts';
import { tailOf } from '../../io/run-program.ts';
import type { LockedPackage } from '../../lock/lock-types.ts';
import { findProgram } from '../programs/find-program.ts';
import { coordinateXml, type MavenCoordinate, mavenCoordinate, pomXml } from '../shared/maven-pom.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import { RESOLVE_TIMEOUT_MS, type Resolution, type ResolveContext } from './context.ts';

const COPY_ALL = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** A Maven artifact with all that it needs to run, as Maven chooses the versions; `held` go before its choice. */
export async function resolveMaven(context: ResolveContext): Promise<Attempt<{ resolution: Resolution }>> {
  const mvn = findProgram('mvn', context.env.PATH ?? '', context.workspace);
  if (mvn.found !== 'yes') return refuse('SP4006', 'mvn is not on PATH', 'Install Maven and a Java runtime.');
  const { version } = context;
  if (version === undefined) return refuse('SP4003', `${context.package}: Maven needs a version`);
  const own = mavenCoordinate({ name: context.package, version });
  const held = (context.held ?? []).map(mavenCoordinate);
  if (own === undefined || held.includes(undefined))
    return refuse('SP4003', `${context.package} ${version} is not a Maven coordinate`);
  const managed = (held as MavenCoordinate[]).map(
    (item) => `<dependency>${coordinateXml(item)}</dependency>`,
  );
  const folder = join(context.scratch, 'jars');
  await writeFile(
    join(context.scratch, 'pom.xml'),
    pomXml(
      `<dependencyManagement><dependencies>${managed.join('')}</dependencies></dependencyManagement>` +
        `<dependencies><dependency>${coordinateXml(own)}</dependency></dependencies>`,
    ),
  );
  const result = await context.run(
    mvn.path,
    [
      ...['--batch-mode', '--quiet', '--strict-checksums', COPY_ALL],
      ...['-DincludeScope=runtime', '-Dmdep.useRepositoryLayout=true', `-DoutputDirectory=${folder}`],
    ],
    { cwd: context.scratch, env: context.env, timeoutMs: RESOLVE_TIMEOUT_MS },
  );
  if (result.code !== 0)
    return refuse('SP4003', `mvn: ${result.stdout.trim().slice(0, 500) || tailOf(result)}`);
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const packages: LockedPackage[] = [];
  // The layout of a repository has descriptions beside what is run.
  const runnable = files.filter((item) => item.isFile() && item.name.endsWith('.jar'));
  for (const file of runnable) {
    const path = join(file.parentPath, file.name);
    const found = coordinateAt(relative(folder, path));
    packages.push({ ...found, hashes: [`sha256:${await hashFile(path)}`] });
  }
  packages.sort((a, b) => byCodeUnit(a.name, b.name));
  const first = packages.find((item) => item.name === context.package && item.version === version);
  if (first === undefined) return refuse('SP4003', `Maven did not return ${context.package}`);
  return {
    ok: true,
    resolution: { version, packages: [first, ...packages.filter((item) => item !== first)] },
  };
}

/** What lies at `org/x/name/1.0/name-1.0[-classifier].jar` of a repository. */
function coordinateAt(path: string): Pick<LockedPackage, 'name' | 'version'> {
  const folder = dirname(path);
  const [version, artifact] = [basename(folder), basename(dirname(folder))];
  const group = dirname(dirname(folder)).split(sep).join('.');
  const classifier = basename(path, '.jar').slice(`${artifact}-${version}-`.length);
  const name = [group, artifact, ...(classifier === '' ? [] : ['jar', classifier])];
  return { name: name.join(':'), version };
}
