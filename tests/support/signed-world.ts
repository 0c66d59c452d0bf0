import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CustomWorld, customWorld, manifestOf } from './custom-world.ts';

export const WAIVERS = [
  { match: { rule: 'fixme' }, reason: 'later', owner: 'ann@example.org', expires: '2099-12-31' },
];

/** A workspace with a key beside it, whose manifest signs with it. */
export function signedWorld(over: Readonly<Record<string, unknown>> = {}, key = keyPair()) {
  const world = customWorld(
    manifestOf({
      secrets: { KEY: 'file:signing.key' },
      evidence: { sign: { key: 'KEY' } },
      policy: { waivers: WAIVERS },
      ...over,
    }),
  );
  // Git ignores nothing here, and the scanner of this world reports only FIXME.
  writeFileSync(join(world.workspace, 'signing.key'), key.pem);
  writeFileSync(join(world.root, 'signing.key'), key.pem);
  writeFileSync(join(world.root, 'signing.pub'), key.pub);
  world.write('b.txt', 'FIXME\n');
  return { ...world, key, pub: join(world.root, 'signing.pub') };
}

export type SignedWorld = ReturnType<typeof signedWorld>;

export interface TestKey {
  readonly privateKey: KeyObject;
  readonly pem: string;
  readonly pub: string;
}

export function keyPair(form: 'pkcs8' | 'sec1' | 'ed25519' = 'pkcs8'): TestKey {
  const { privateKey, publicKey } =
    form === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const type = form === 'sec1' ? 'sec1' : 'pkcs8';
  return {
    privateKey,
    pem: privateKey.export({ type, format: 'pem' } as never).toString(),
    pub: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** A copy of a bundle, to be spoiled. */
export function copyOf(bundle: string): string {
  const folder = join(realpathSync(mkdtempSync(join(tmpdir(), 'secplan-copy-'))), 'bundle');
  cpSync(bundle, folder, { recursive: true });
  return folder;
}

export function filesOf(dir: string): string[] {
  return (readdirSync(dir, { recursive: true }) as string[])
    .filter((path) => statSync(join(dir, path)).isFile())
    .sort();
}

/** Writes checksums.txt anew: what everyone would do who changes a file. */
export function reseal(dir: string): void {
  const lines = filesOf(dir)
    .filter((path) => path !== 'checksums.txt')
    .map(
      (path) =>
        `${createHash('sha256')
          .update(readFileSync(join(dir, path)))
          .digest('hex')}  ${path}\n`,
    );
  writeFileSync(join(dir, 'checksums.txt'), lines.join(''));
}

export type { CustomWorld };
