import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArchiveSink, memberPath } from '../../../src/io/archive/sink.ts';
import { unpackTar } from '../../../src/io/archive/tar.ts';
import { unpackZip } from '../../../src/io/archive/zip.ts';
import { runProgram } from '../../../src/io/run-program.ts';
import { sealEntry } from '../../../src/lock/lock.ts';
import { installRelease, machineKey } from '../../../src/toolchain/installers/release.ts';
import { downloadFile } from '../../../src/toolchain/shared/download.ts';

const BINARY = '#!/bin/sh\necho demo 1.2.3\n';
const root = mkdtempSync(join(tmpdir(), 'secplan-release-'));
let server: Server;
let plain: ReturnType<typeof createHttpServer>;
let twice: Buffer;
let base: string;
let ca: string;
let counter = 0;

function fresh(): string {
  const folder = join(root, `case-${counter++}`);
  mkdirSync(folder);
  return folder;
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/** A tar.gz or zip of `files`, made by the system's own programs. */
function archive(kind: 'tar.gz' | 'tar' | 'zip', files: Readonly<Record<string, string>>): string {
  const folder = fresh();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text, { mode: 0o755 });
  }
  const path = join(fresh(), `a.${kind}`);
  if (kind === 'zip') {
    const script =
      'import sys,zipfile,os\nz=zipfile.ZipFile(sys.argv[1],"w",zipfile.ZIP_DEFLATED)\n' +
      'for d,_,fs in os.walk("."):\n  for f in fs: z.write(os.path.join(d,f))';
    execFileSync('python3', ['-c', script, path], { cwd: folder });
  } else execFileSync('tar', [kind === 'tar' ? '-cf' : '-czf', path, '.'], { cwd: folder });
  return path;
}

/** An archive with one member of any name or kind, made by Python: no system program makes hostile ones. */
function hostile(kind: 'tar' | 'zip', name: string, extra = ''): string {
  const path = join(fresh(), `h.${kind}`);
  const script =
    kind === 'zip'
      ? `import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1],"w")\ni=zipfile.ZipInfo(sys.argv[2])\n${extra}\nz.writestr(i,"x")`
      : `import sys,tarfile,io\nt=tarfile.open(sys.argv[1],"w")\ni=tarfile.TarInfo(sys.argv[2])\ni.size=1\n${extra}\nt.addfile(i,io.BytesIO(b"x"))`;
  execFileSync('python3', ['-c', script, path, name]);
  return path;
}

beforeAll(async () => {
  const files = ['-keyout', join(root, 'key.pem'), '-out', join(root, 'cert.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...files, ...names],
    {
      stdio: 'ignore',
    },
  );
  ca = readFileSync(join(root, 'cert.pem'), 'utf8');
  const tarball = readFileSync(archive('tar.gz', { 'dist/demo': BINARY, 'dist/README': 'x' }));
  const zip = readFileSync(archive('zip', { 'dist/demo': BINARY }));
  twice = readFileSync(archive('tar.gz', { 'a/demo': BINARY, 'b/demo': BINARY }));
  plain = createHttpServer((_, response) => response.end(BINARY)).listen(0, '127.0.0.1');
  server = createServer({ key: readFileSync(join(root, 'key.pem')), cert: ca }, (request, response) => {
    switch (request.url) {
      case '/demo':
        return response.end(BINARY);
      case '/demo.tar.gz':
        return response.end(tarball);
      case '/demo.zip':
        return response.end(zip);
      case '/twice.tar.gz':
        return response.end(twice);
      case '/moved':
        return response.writeHead(302, { location: '/demo' }).end();
      case '/loop':
        return response.writeHead(302, { location: '/loop' }).end();
      case '/to-http':
        return response
          .writeHead(302, { location: `http://127.0.0.1:${(plain.address() as AddressInfo).port}/demo` })
          .end();
      case '/cut':
        response.writeHead(200, { 'content-length': String(BINARY.length) });
        response.write(BINARY.slice(0, 5));
        return setImmediate(() => response.destroy());
      default:
        return response.writeHead(404).end();
    }
  }).listen(0, '127.0.0.1');
  await Promise.all(
    [server, plain].map((it) => it.listening || new Promise((go) => it.once('listening', go))),
  );
  base = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  plain.close();
  rmSync(root, { recursive: true });
});

function install(path: string, hash: string, member?: string, machine = machineKey()) {
  const dir = fresh();
  const locked = sealEntry({
    kind: 'release',
    package: 'demo',
    version: '1.2.3',
    packages: [],
    files: { [machine]: { url: `${base}${path}`, sha256: hash, ...(member ? { member } : {}) } },
  });
  const context = {
    locked,
    bin: 'demo',
    dir,
    finalDir: dir,
    env: {},
    workspace: null,
    run: runProgram,
    uv: () => Promise.reject(new Error('not needed')),
    go: () => Promise.reject(new Error('not needed')),
  };
  return { dir, outcome: installRelease(context, { ca: [ca] }) };
}

describe('release installer', () => {
  it.each(['/demo', '/moved'])('takes a plain binary from %s', async (path) => {
    const { dir, outcome } = install(path, sha256(BINARY));
    const done = await outcome;
    expect(done).toMatchObject({ ok: true, built: { executable: 'bin/demo' } });
    expect(execFileSync(join(dir, 'bin/demo'), { encoding: 'utf8' })).toBe('demo 1.2.3\n');
  });

  it.each(['tar.gz', 'zip'] as const)('takes a member out of a %s', async (kind) => {
    const response = await fetchBytes(`/demo.${kind}`);
    const { dir, outcome } = install(`/demo.${kind}`, sha256(response), 'dist/demo');
    const done = await outcome;
    expect(done).toMatchObject({ ok: true, built: { executable: 'tree/dist/demo' } });
    expect(execFileSync(join(dir, 'tree/dist/demo'), { encoding: 'utf8' })).toBe('demo 1.2.3\n');
    expect(readdirSync(dir)).toEqual(['tree']);
  });

  it.each(['tar.gz', 'zip'] as const)('finds the executable by its name in a %s', async (kind) => {
    const { dir, outcome } = install(`/demo.${kind}`, sha256(await fetchBytes(`/demo.${kind}`)));
    expect(await outcome).toMatchObject({ ok: true, built: { executable: 'tree/dist/demo' } });
    expect(execFileSync(join(dir, 'tree/dist/demo'), { encoding: 'utf8' })).toBe('demo 1.2.3\n');
  });

  it('refuses an archive with two files of that name, and takes a file that is for every machine', async () => {
    const { outcome } = install('/twice.tar.gz', sha256(twice));
    expect(await outcome).toMatchObject({
      ok: false,
      problem: { code: 'SP4003', detail: 'the archive contains 2 files named demo, not one' },
    });
    expect(await install('/demo', sha256(BINARY), undefined, 'any').outcome).toMatchObject({ ok: true });
    expect(await install('/demo', sha256(BINARY), undefined, 'plan9-mips').outcome).toMatchObject({
      ok: false,
      problem: { detail: `the lock has no release file for ${machineKey()}` },
    });
  });

  it('refuses another file than the pinned one and keeps nothing of it', async () => {
    const { dir, outcome } = install('/demo', sha256('other'));
    expect(await outcome).toMatchObject({ ok: false, problem: { code: 'SP4004' } });
    expect(readdirSync(dir)).toEqual([]);
  });

  it.each([
    ['/cut', /aborted|cut off|socket|ECONNRESET/i],
    ['/to-http', /refused to follow to http:/],
    ['/loop', /too many redirects/],
    ['/none', /answered 404/],
  ])('fails on %s and keeps nothing', async (path, message) => {
    const { dir, outcome } = install(path, sha256(BINARY));
    const done = await outcome;
    expect(done).toMatchObject({ ok: false, problem: { code: 'SP4003' } });
    expect(done.ok ? '' : done.problem.detail).toMatch(message);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('says so when the archive lacks the executable, and when there is no file for this machine', async () => {
    const { outcome } = install('/demo.zip', sha256(await fetchBytes('/demo.zip')), 'dist/none');
    expect(await outcome).toMatchObject({ ok: false, problem: { code: 'SP4003' } });
  });
});

describe('download', () => {
  it('refuses http, an unknown certificate, and what is too large', async () => {
    const path = join(fresh(), 'f');
    const http = `http://127.0.0.1:${(plain.address() as AddressInfo).port}/demo`;
    expect(await downloadFile(http, sha256(BINARY), path)).toMatchObject({ ok: false });
    expect(await downloadFile(`${base}/demo`, sha256(BINARY), path)).toMatchObject({ ok: false });
    const small = await downloadFile(`${base}/demo`, sha256(BINARY), path, { ca: [ca], maxBytes: 10 });
    expect(small).toMatchObject({
      ok: false,
      problem: { detail: expect.stringContaining('larger than 10') },
    });
    expect(existsSync(path)).toBe(false);
    expect(await downloadFile(`${base}/demo`, sha256(BINARY), path, { ca: [ca] })).toMatchObject({
      ok: true,
    });
  });
});

describe('archives', () => {
  it.each(['tar.gz', 'tar', 'zip'] as const)('unpacks %s with long names and modes', async (kind) => {
    const long = `${'d'.repeat(90)}/${'e'.repeat(90)}/${'f'.repeat(90)}`;
    const files = { 'a.txt': 'x'.repeat(100_000), [long]: 'deep', empty: '' };
    const target = join(fresh(), 'out');
    await (kind === 'zip' ? unpackZip : unpackTar)(archive(kind, files), target);
    for (const [name, text] of Object.entries(files))
      expect(readFileSync(join(target, name), 'utf8')).toBe(text);
    expect(statSync(join(target, 'a.txt')).mode & 0o777).toBe(0o755);
  });

  const outside = ['../evil', '/tmp/secplan-evil', 'a/../../evil', 'C:evil', '..\\evil'];
  it.each(outside)('refuses to write %s', async (name) => {
    expect(() => memberPath(name)).toThrow();
    for (const kind of ['tar', 'zip'] as const) {
      const target = join(fresh(), 'out');
      const unpack = kind === 'zip' ? unpackZip : unpackTar;
      await expect(unpack(hostile(kind, name), target)).rejects.toThrow(/relative path|leaves the folder/);
      expect(existsSync(join(target, '..', 'evil'))).toBe(false);
    }
    expect(existsSync('/tmp/secplan-evil')).toBe(false);
  });

  it.each([
    [
      'a link that leaves the workspace',
      'i.type=tarfile.SYMTYPE; i.size=0; i.linkname="../../etc"',
      /links outside/,
    ],
    ['an absolute link', 'i.type=tarfile.SYMTYPE; i.size=0; i.linkname="/etc/passwd"', /links outside/],
    ['a hard link to no member', 'i.type=tarfile.LNKTYPE; i.size=0; i.linkname="x"', /no member before it/],
    ['a device', 'i.type=tarfile.CHRTYPE; i.size=0', /neither file/],
    ['a pipe', 'i.type=tarfile.FIFOTYPE; i.size=0', /neither file/],
  ])('refuses %s', async (_, extra, message) => {
    await expect(unpackTar(hostile('tar', 'member', extra), join(fresh(), 'out'))).rejects.toThrow(message);
  });

  it('gives a hard link the content of the member before it, and refuses one to anything else', async () => {
    const folder = fresh();
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/one'), BINARY, { mode: 0o755 });
    execFileSync('ln', ['bin/one', 'bin/two'], { cwd: folder });
    const path = join(fresh(), 'linked.tar.gz');
    execFileSync('tar', ['-czf', path, 'bin'], { cwd: folder });
    const target = join(fresh(), 'out');
    await unpackTar(path, target);
    expect(['one', 'two'].map((name) => readFileSync(join(target, 'bin', name), 'utf8'))).toEqual([
      BINARY,
      BINARY,
    ]);
    for (const linkname of ['../outside', '/etc/passwd', 'none', 'real/none']) {
      const extra = `i.type=tarfile.LNKTYPE; i.size=0; i.linkname="${linkname}"`;
      await expect(unpackTar(hostile('tar', 'member', extra), join(fresh(), 'out'))).rejects.toThrow(
        /relative path|leaves the folder|no member before it/,
      );
    }
  });

  it('unpacks a zip with sizes, offsets and directory in zip64', async () => {
    const path = join(fresh(), 'large.zip');
    // Python writes zip64 records from these limits on.
    const script = [
      'import sys,zipfile',
      'zipfile.ZIP64_LIMIT=10; zipfile.ZIP_FILECOUNT_LIMIT=1',
      'z=zipfile.ZipFile(sys.argv[1],"w",zipfile.ZIP_DEFLATED)',
      'z.writestr("a/large","x"*5000); z.writestr("b/next","y"*50); z.writestr("small","z")',
      'z.close()',
    ].join('\n');
    execFileSync('python3', ['-c', script, path]);
    const whole = readFileSync(path);
    const end = whole.lastIndexOf(Buffer.from('PK\x05\x06'));
    // What a writer of more than 4 GiB puts there: look into the zip64 record.
    whole.fill(0xff, end + 8, end + 20);
    writeFileSync(path, whole);
    const target = join(fresh(), 'out');
    await unpackZip(path, target);
    expect(readFileSync(join(target, 'a/large'), 'utf8')).toBe('x'.repeat(5000));
    expect(readFileSync(join(target, 'b/next'), 'utf8')).toBe('y'.repeat(50));
    expect(readFileSync(join(target, 'small'), 'utf8')).toBe('z');
    const broken = readFileSync(path);
    broken.writeUInt32LE(0xdead, broken.lastIndexOf(Buffer.from('PK\x06\x06')));
    writeFileSync(path, broken);
    await expect(unpackZip(path, join(fresh(), 'out'))).rejects.toThrow(/directory is broken/);
  });

  it('refuses a link in a zip, a member through a link, and too much', async () => {
    const link = hostile('zip', 'l', 'i.create_system=3; i.external_attr=0o120777<<16');
    await expect(unpackZip(link, join(fresh(), 'out'))).rejects.toThrow(/not a plain file/);

    const folder = fresh();
    mkdirSync(join(folder, 'real'));
    symlinkSync('real', join(folder, 'link'));
    const sink = new ArchiveSink(join(fresh(), 'out'));
    await sink.link('link', 'real');
    await expect(sink.file('link/x', 1, false, bytes('x'))).rejects.toThrow(/through a link/);

    await expect(sink.file('link', 1, false, bytes('x'))).rejects.toThrow(/through a link/);

    const twice = join(fresh(), 'out');
    const replacing = new ArchiveSink(twice);
    await replacing.file('x', 3, false, bytes('old'));
    await replacing.file('x', 1, false, bytes('y'));
    expect(readFileSync(join(twice, 'x'), 'utf8')).toBe('y');
    await expect(replacing.link('x', 'real')).rejects.toThrow(/EEXIST/);

    const limits = { maxBytes: 1000, maxEntries: 3 };
    const large = archive('tar.gz', { a: 'x'.repeat(5000) });
    await expect(unpackTar(large, join(fresh(), 'out'), limits)).rejects.toThrow(/more than 1000 bytes/);
    const many = archive('zip', { a: '1', b: '2', c: '3', d: '4' });
    await expect(unpackZip(many, join(fresh(), 'out'), limits)).rejects.toThrow(/more than 3 members/);
  });

  it.each(['tar.gz', 'tar', 'zip'] as const)('refuses a %s that is cut off anywhere', async (kind) => {
    const whole = readFileSync(archive(kind, { a: 'x'.repeat(3000), b: 'y' }));
    const unpack = kind === 'zip' ? unpackZip : unpackTar;
    for (const share of [0.1, 0.5, 0.8]) {
      const path = join(fresh(), 'cut');
      writeFileSync(path, whole.subarray(0, Math.floor(whole.length * share * (kind === 'tar' ? 0.3 : 1))));
      await expect(unpack(path, join(fresh(), 'out')), `${share}`).rejects.toThrow();
    }
  });
});

async function* bytes(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

async function fetchBytes(path: string): Promise<Buffer> {
  const { get } = await import('node:https');
  return new Promise((resolve, reject) => {
    get(`${base}${path}`, { ca }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve(Buffer.concat(chunks));
    }).once('error', reject);
  });
}
