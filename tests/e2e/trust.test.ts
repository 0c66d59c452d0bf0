import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findCosign } from '../support/foreign-verifiers.ts';
import { installedLibrary } from '../support/installed.ts';

const { runScan } = await installedLibrary();

// Real verifiers on what is signed here, with keys made here: what is whole verifies, what was changed does not.
const scratch = mkdtempSync(join(tmpdir(), 'secplan-e2e-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const cosign = await findCosign('its stage is NOT run');

/** Rules that the tool reported, or why it gave no result. */
async function scan(
  tool: string,
  provider: string,
  files: Readonly<Record<string, string>>,
  path = process.env.PATH,
): Promise<unknown> {
  const workspace = mkdtempSync(join(scratch, 'workspace-'));
  const manifest = {
    apiVersion: 'secplan/v1',
    metadata: { name: 'trust' },
    tools: { [tool]: { provider } },
    profiles: { trust: { tools: { enable: [tool] } } },
  };
  for (const [name, text] of Object.entries({ ...files, 'secplan.json': JSON.stringify(manifest) })) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true });
    writeFileSync(join(workspace, name), text);
  }
  const outcome = await runScan({
    cwd: workspace,
    env: { ...process.env, PATH: path, SECPLAN_CACHE_DIR: join(scratch, 'cache') },
    signal: new AbortController().signal,
    now: Date.now,
    onEvent: () => undefined,
    options: { profile: 'trust', exportDir: join(workspace, 'export') },
  });
  const result = outcome.scan?.results.find((item) => item.tool === tool);
  if (result === undefined) return outcome.diagnostics;
  if (result.state !== 'done') return result;
  return result.findings.map(({ rule }) => rule.id).sort();
}

const hex = (text: string): string => createHash('sha256').update(text).digest('hex');

function pem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

/** Keys sorted, no white space: what in-toto signs. Of plain ASCII without quotes only. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, inner]) => `"${name}":${canonical(inner)}`).join(',')}}`;
}

/** A layout of one step, its link and its product, signed by a new key. */
function chain(product: string): Record<string, string> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex');
  const key = { keytype: 'ed25519', keyval: { public: raw }, scheme: 'ed25519' };
  const keyid = hex(canonical(key));
  const signed = (value: object): string =>
    JSON.stringify({
      signatures: [{ keyid, sig: sign(null, Buffer.from(canonical(value)), privateKey).toString('hex') }],
      signed: value,
    });
  const step = {
    _type: 'step',
    name: 'build',
    expected_command: [],
    expected_materials: [],
    expected_products: [
      ['CREATE', 'app.txt'],
      ['DISALLOW', '*'],
    ],
    pubkeys: [keyid],
    threshold: 1,
  };
  const layout = {
    _type: 'layout',
    expires: '2999-01-01T00:00:00Z',
    inspect: [],
    keys: { [keyid]: { ...key, keyid } },
    readme: '',
    steps: [step],
  };
  const link = {
    _type: 'link',
    name: 'build',
    command: [],
    materials: {},
    products: { 'app.txt': { sha256: hex(product) } },
    byproducts: {},
    environment: {},
  };
  return {
    'root.layout': signed(layout),
    [`build.${keyid.slice(0, 8)}.link`]: signed(link),
    'alice.pub': pem(publicKey),
    'app.txt': product,
  };
}

describe('in-toto', { timeout: 180_000 }, () => {
  const whole = chain('one\n');
  const run = (over: Readonly<Record<string, string>>) => scan('in-toto', 'pypi', { ...whole, ...over });
  const link = Object.keys(whole).find((name) => name.endsWith('.link')) ?? '';

  it('verifies a chain that is whole', async () => {
    expect(await run({})).toEqual([]);
  });

  it('finds a product, a link and a layout that were changed', async () => {
    expect(await run({ 'app.txt': 'two\n' })).toEqual(['product-differs']);
    expect(await run({ [link]: whole[link]?.replace(hex('one\n'), hex('two\n')) ?? '' })).toEqual([
      'threshold',
    ]);
    const layout = whole['root.layout'] ?? '';
    expect(await run({ 'root.layout': layout.replace('2999', '2998') })).toEqual(['layout-signature']);
    expect(await run({ 'alice.pub': chain('one\n')['alice.pub'] ?? '' })).toEqual(['layout-unsigned']);
  });

  it('is not applicable where there is no layout', async () => {
    expect(await scan('in-toto', 'pypi', { 'app.txt': 'one\n' })).toMatchObject({ state: 'not-applicable' });
  });
});

describe.skipIf(cosign === undefined)('cosign', { timeout: 60_000 }, () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const blob = `${hex('app')}  app.tar\n`;
  const bundle = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: '' } },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: Buffer.from(hex(blob), 'hex').toString('base64') },
      signature: sign('sha256', Buffer.from(blob), privateKey).toString('base64'),
    },
  };
  const whole = {
    'checksums.txt': blob,
    'checksums.txt.sigstore.json': JSON.stringify(bundle),
    'cosign.pub': pem(publicKey),
  };
  const path = `${dirname(cosign ?? '')}:${process.env.PATH ?? ''}`;
  const run = (files: Readonly<Record<string, string>>) => scan('cosign', 'path', files, path);

  it('verifies a file that is as it was signed, and finds one that was changed', async () => {
    expect(await run(whole)).toEqual([]);
    expect(await run({ ...whole, 'checksums.txt': `${blob}more\n` })).toEqual(['signature-invalid']);
  });

  it('is incomplete, never clean, without what it is to verify', async () => {
    expect(await run({ 'cosign.pub': whole['cosign.pub'] })).toMatchObject({
      state: 'incomplete',
      failure: { reason: 'nothing-examined' },
    });
  });
});
