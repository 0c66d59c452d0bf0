// Makes the images of these tests out of this Debian machine's packages and pushes them to a registry that the engine
// can reach: `node tests/dagger-engine/make-images.ts REGISTRY FILE`, for example 127.0.0.1:5000 images.json. Needs root,
// debootstrap, busybox-static and skopeo; the registry is spoken to without TLS.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const [registry, file] = process.argv.slice(2);
if (registry === undefined || file === undefined) {
  console.error('usage: make-images.ts REGISTRY FILE');
  process.exit(2);
}
const PACKAGES = ['python3', 'git', 'util-linux', 'iproute2', 'procps', 'ca-certificates'];
const LEFT_OUT = [
  'proc',
  'sys',
  'dev',
  'var/cache/apt',
  'var/lib/apt/lists',
  'var/log',
  'usr/share/doc',
  'usr/share/man',
];
const EPOCH = '2025-01-01T00:00:00Z';

const dir = mkdtempSync(join(tmpdir(), 'secplan-images-'));
try {
  const images = {
    debian: push('debian', debian()),
    busybox: push('busybox', busybox()),
    bare: push('bare', bare()),
  };
  writeFileSync(file, `${JSON.stringify(images, null, 2)}\n`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}

function debian(): string {
  const root = join(dir, 'debian');
  const options = ['--variant=minbase', `--include=${PACKAGES.join(',')}`];
  execFileSync('debootstrap', [...options, codename(), root], { stdio: ['ignore', 'ignore', 'inherit'] });
  return root;
}

/** This machine's own release, so that its Python is the same. */
function codename(): string {
  return execFileSync('sh', ['-c', '. /etc/os-release; printf %s "$VERSION_CODENAME"'], { encoding: 'utf8' });
}

function busybox(): string {
  const root = join(dir, 'busybox');
  for (const folder of ['bin', 'etc', 'tmp']) mkdirSync(join(root, folder), { recursive: true });
  cpSync('/bin/busybox', join(root, 'bin/busybox'));
  for (const applet of execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).split('\n'))
    if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  return root;
}

function bare(): string {
  const root = join(dir, 'bare');
  mkdirSync(join(root, 'bin'), { recursive: true });
  for (const applet of ['printf', 'env']) cpSync('/bin/busybox', join(root, 'bin', applet));
  return root;
}

/** An image of one layer, pushed; its address by digest. */
function push(name: string, root: string): string {
  const layout = join(dir, `${name}.oci`);
  mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
  const excluded = LEFT_OUT.map((path) => `--exclude=./${path}/*`);
  const same = ['--sort=name', `--mtime=${EPOCH}`, '--numeric-owner', '--format=posix'];
  const times = '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime';
  const tar = execFileSync('tar', [...same, times, ...excluded, '-C', root, '-cf', '-', '.'], {
    maxBuffer: 2 ** 31,
  });
  const put = (bytes: Uint8Array, mediaType: string) => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    writeFileSync(join(layout, 'blobs', digest.replace(':', '/')), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const oci = 'application/vnd.oci.image';
  const layer = put(gzipSync(tar, { level: 1 }), `${oci}.layer.v1.tar+gzip`);
  const rootfs = { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(tar).digest('hex')}`] };
  const env = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const about = { architecture, os: 'linux', created: EPOCH, config: { Env: env }, rootfs };
  const config = put(json(about), `${oci}.config.v1+json`);
  const mediaType = `${oci}.manifest.v1+json`;
  const manifest = put(json({ schemaVersion: 2, mediaType, config, layers: [layer] }), mediaType);
  writeFileSync(join(layout, 'index.json'), json({ schemaVersion: 2, manifests: [manifest] }));
  writeFileSync(join(layout, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
  const to = `${registry}/secplan/${name}`;
  execFileSync('skopeo', ['copy', '-q', '--dest-tls-verify=false', `oci:${layout}`, `docker://${to}:test`]);
  return `${to}@${manifest.digest}`;
}
