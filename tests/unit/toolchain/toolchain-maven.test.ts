import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/io/run-program.ts';
import { sealEntry } from '../../../src/lock/lock.ts';
import type { LockedPackage } from '../../../src/lock/lock-types.ts';
import { installMaven } from '../../../src/toolchain/installers/maven.ts';
import { resolveMaven } from '../../../src/toolchain/resolve/maven.ts';
import { mavenCoordinate } from '../../../src/toolchain/shared/maven-pom.ts';

let root: string;
let env: Record<string, string>;
const hash = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

// Stands in for Maven: writes what each artifactItem names, or a small repository, and keeps the pom that it was given.
const MVN = `#!/usr/bin/python3
import os, re, sys
pom = open('pom.xml').read()
out = next(a for a in sys.argv if a.startswith('-DoutputDirectory=')).split('=', 1)[1]
open(os.environ['HOME'] + '/pom.xml', 'w').write(pom)
for artifact, name in re.findall('<artifactId>([^<]*)</artifactId><version>[^<]*</version>.*?<destFileName>([^<]*)', pom):
    open(os.path.join(out, name), 'w').write(artifact)
if 'artifactItem' not in pom:
    for path in ['org/x/tool/1.0/tool-1.0.jar', 'org/x/tool/1.0/tool-1.0.pom', 'a/b/1/b-1-linux.jar']:
        os.makedirs(os.path.dirname(os.path.join(out, path)), exist_ok=True)
        open(os.path.join(out, path), 'w').write(path)
`;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'secplan-maven-'));
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'tool'));
  for (const [name, text] of [
    ['mvn', MVN],
    ['java', '#!/bin/sh\n'],
  ] as const) {
    writeFileSync(join(root, 'bin', name), text);
    chmodSync(join(root, 'bin', name), 0o755);
  }
  env = { PATH: `${join(root, 'bin')}:/usr/bin:/bin`, HOME: root };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function install(bin: string, packages: readonly LockedPackage[]) {
  const locked = sealEntry({ kind: 'maven', package: 'org.x:tool', version: '1.0', packages });
  const dir = join(root, 'tool');
  const none = () => Promise.reject(new Error('not asked for'));
  return installMaven({
    locked,
    bin,
    dir,
    finalDir: dir,
    env,
    workspace: null,
    uv: none,
    go: none,
    run: runProgram,
  });
}

const PACKAGES = [
  { name: 'org.x:tool', version: '1.0', hashes: [hash('tool')] },
  { name: 'org.x:other:jar:linux', version: '2', hashes: [hash('other')] },
];

describe('tools of Maven', () => {
  it('are all of their jars, checked, and started by Java with all or the first of them', async () => {
    expect(await install('java', PACKAGES)).toMatchObject({ ok: true, built: { executable: 'bin/java' } });
    const launcher = readFileSync(join(root, 'tool/bin/java'), 'utf8');
    expect(launcher).toContain(`exec '${join(root, 'bin/java')}' -cp "$home/lib/*" "$@"`);
    expect(readFileSync(join(root, 'tool/lib/1.jar'), 'utf8')).toBe('other');
    expect(readFileSync(join(root, 'pom.xml'), 'utf8')).toContain('<classifier>linux</classifier>');
    rmSync(join(root, 'tool'), { recursive: true });
    mkdirSync(join(root, 'tool'));
    await install('tool', PACKAGES);
    expect(readFileSync(join(root, 'tool/bin/tool'), 'utf8')).toContain('-jar "$home/lib/0.jar" "$@"');
  });

  it('are refused when one jar is another than was locked', async () => {
    const planted = PACKAGES.map((item, at) => (at === 0 ? item : { ...item, hashes: [hash('planted')] }));
    const refused = await install('java', planted);
    expect(refused).toMatchObject({ ok: false, problem: { code: 'SP4004' } });
  });

  it('have coordinates in which nothing of XML or of a path fits', async () => {
    for (const name of ['org.x:tool</artifactId>', 'org.x:../tool', 'org.x', 'a:b:c:d:e'])
      expect(mavenCoordinate({ name, version: '1' }), name).toBeUndefined();
    expect(mavenCoordinate({ name: 'org.x:tool', version: '$' + '{x}' })).toBeUndefined();
    expect(await install('java', [{ name: 'org.x:<x>', version: '1', hashes: [hash('x')] }])).toMatchObject({
      ok: false,
      problem: { code: 'SP4003' },
    });
  });

  it('are resolved with all that they need, the tool itself first, and versions that are held', async () => {
    const held = [{ name: 'a:b', version: '1' }];
    const scratch = join(root, 'tool');
    const uv = () => Promise.reject(new Error('not asked for'));
    const place = { scratch, env, workspace: null, run: runProgram };
    const context = { package: 'org.x:tool', version: '1.0', ...place, held, uv };
    expect(await resolveMaven(context)).toMatchObject({
      ok: true,
      resolution: {
        version: '1.0',
        packages: [
          { name: 'org.x:tool', version: '1.0', hashes: [hash('org/x/tool/1.0/tool-1.0.jar')] },
          { name: 'a:b:jar:linux', version: '1', hashes: [hash('a/b/1/b-1-linux.jar')] },
        ],
      },
    });
    expect(readFileSync(join(root, 'pom.xml'), 'utf8')).toContain('<dependencyManagement>');
    const { version: _, ...unversioned } = context;
    expect(await resolveMaven(unversioned)).toMatchObject({ ok: false });
  });
});
