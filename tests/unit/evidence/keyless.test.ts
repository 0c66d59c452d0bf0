import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type VerifyRequest, verifyBundle } from '../../../src/app/verify/verify-bundle.ts';
import { findCosign } from '../../support/foreign-verifiers.ts';
import { copyOf, filesOf, reseal, type SignedWorld, signedWorld } from '../../support/signed-world.ts';
import {
  type CertificateRules,
  IDENTITY,
  ISSUER,
  type SigstoreDouble,
  sigstoreDouble,
} from '../../support/sigstore-double.ts';
import { editJson } from '../../support/tamper-matrix.ts';

let sigstore: SigstoreDouble;
let world: SignedWorld;
let bundle: string;
let seen: string;
const copies: string[] = [];

beforeAll(async () => {
  sigstore = await sigstoreDouble();
  const { fulcio, rekor } = sigstore;
  world = signedWorld({ evidence: { sign: { keyless: true, fulcio }, rekor }, secrets: {} });
  writeFileSync(join(world.root, 'root.json'), sigstore.trustedRoot());
  [bundle, seen] = await signed();
}, 60_000);
afterAll(async () => {
  world.dispose();
  await sigstore.close();
  for (const copy of copies) rmSync(dirname(copy), { recursive: true, force: true });
});

/** A bundle that was signed under these rules, and all that anyone could see of the run. */
async function signed(rules: CertificateRules = {}, token = sigstore.token()): Promise<[string, string]> {
  sigstore.rules = rules;
  const events: unknown[] = [];
  const outcome = await world.scan(
    { offline: false },
    { env: { SIGSTORE_ID_TOKEN: token }, onEvent: (event) => events.push(event) },
  );
  const dir = `${outcome.scan?.bundleDir}`;
  expect(
    [outcome.exitCode, outcome.scan?.signature],
    JSON.stringify([outcome.diagnostics, sigstore.refused]),
  ).toEqual([0, { state: 'signed', by: 'the available identity' }]);
  const files = filesOf(dir).map((path) => readFileSync(join(dir, path), 'latin1'));
  return [dir, [token, JSON.stringify(events), JSON.stringify(outcome), ...files].slice(1).join('\n')];
}

const WHO = { identity: IDENTITY, issuer: ISSUER, trustedRoot: 'root.json' };

/** The refusals, each once, or what was not checked where there are none. */
async function verified(dir: string, over: Partial<VerifyRequest> = {}) {
  const result = await verifyBundle({ cwd: world.root, bundle: dir, ...WHO, ...over });
  if (!result.ok) return { refused: result.diagnostics.map(({ code, summary }) => `${code}: ${summary}`) };
  const { failures, notChecked, verified } = result.value;
  const unchecked = notChecked.some((text) => text.startsWith('signatures: '));
  expect(verified).toBe(failures.length === 0 && !unchecked);
  return failures.length === 0
    ? { notChecked }
    : { refused: failures.map(({ code, summary }) => `${code}: ${summary}`) };
}

const ALWAYS = [
  'whether this is the intended plan (no --plan)',
  'whether this is the intended policy (no --policy)',
  'the time of the run: it comes from the clock of the machine',
];

describe('a bundle that was signed without a key', () => {
  it('verifies offline by root, identity and issuer, and holds nothing of the token', async () => {
    expect(sigstore.refused).toEqual([]);
    expect(sigstore.entries()).toBe(2);
    expect(await verified(bundle)).toEqual({ notChecked: ALWAYS });
    const token = sigstore.token();
    const [, said] = await signed({}, token);
    for (const part of token.split('.').slice(1)) expect(said).not.toContain(part);
    expect(seen).toContain('attestation.sigstore.json');
  });

  it('says what it was not asked to check', async () => {
    const unnamed = await verified(bundle, { identity: undefined, issuer: undefined });
    expect(unnamed).toEqual({
      notChecked: [
        'the identity in the certificate (no --certificate-identity)',
        'the issuer of the identity (no --certificate-issuer)',
        ...ALWAYS,
      ],
    });
    const anyIssuer = await verified(bundle, { issuer: undefined });
    expect(anyIssuer).toEqual({
      notChecked: ['the issuer of the identity (no --certificate-issuer)', ...ALWAYS],
    });
    // A root without certificate logs vouches for no entry in one, but takes a certificate that claims none.
    writeFileSync(join(world.root, 'no-ct.json'), sigstore.trustedRoot('ctlogs'));
    const root = { trustedRoot: 'no-ct.json' };
    expect(await verified(bundle, root)).toMatchObject({
      refused: Array(2).fill(expect.stringMatching(/SCT verification failed/)),
    });
    const [plain] = await signed({ sct: 'none' });
    expect(await verified(plain, root)).toEqual({
      notChecked: ['the certificate transparency log (the trusted root names none)', ...ALWAYS],
    });
    expect(
      await verified(bundle, { trustedRoot: undefined, identity: undefined, issuer: undefined }),
    ).toEqual({
      notChecked: [expect.stringMatching(/^signatures: without --key or --trusted-root/), ...ALWAYS],
    });
  });

  it.each<[string, Partial<VerifyRequest>, RegExp]>([
    [
      'another identity',
      { identity: 'https://ci.example/pay/.ci/scan.yml@refs/heads/other' },
      /certificate identity error/,
    ],
    ['a part of the identity', { identity: IDENTITY.slice(0, -1) }, /certificate identity error/],
    ['a pattern of it', { identity: '.*' }, /certificate identity error/],
    [
      'another issuer, whoever it is',
      { identity: undefined, issuer: 'https://else.example' },
      /invalid certificate extension/,
    ],
    [
      'another issuer, whoever it may be',
      { identity: undefined, issuer: 'https://else.example' },
      /invalid certificate extension/,
    ],
    ['another issuer', { issuer: 'https://issuer.example.evil' }, /invalid certificate extension/],
  ])('does not verify as one of %s', async (_, over, why) => {
    const { refused = [] } = await verified(bundle, over);
    expect(refused).toHaveLength(2);
    for (const line of refused) expect(line).toMatch(why);
    expect(refused.every((line) => line.startsWith('SP6014'))).toBe(true);
  });

  it.each<[string, 'tlogs' | 'certificateAuthorities', RegExp]>([
    ['authorities', 'certificateAuthorities', /Failed to verify certificate chain/],
    ['logs', 'tlogs', /inclusion promise could not be verified/],
  ])('does not verify by a root without its %s', async (_, part, why) => {
    writeFileSync(join(world.root, 'less.json'), sigstore.trustedRoot(part));
    const { refused = [] } = await verified(bundle, { trustedRoot: 'less.json' });
    expect(refused).toEqual(Array(2).fill(expect.stringMatching(why)));
  });

  it('does not verify by the root of others', async () => {
    const others = await sigstoreDouble();
    writeFileSync(join(world.root, 'others.json'), others.trustedRoot());
    await others.close();
    const { refused = [] } = await verified(bundle, { trustedRoot: 'others.json' });
    expect(refused).toHaveLength(2);
  });

  it.each<[string, CertificateRules, RegExp]>([
    ['that had ended', { notBeforeMs: -7_200_000, notAfterMs: -3_600_000 }, /certificate chain/],
    ['that had not begun', { notBeforeMs: 3_600_000, notAfterMs: 7_200_000 }, /certificate chain/],
    ['whose log entry does not hold', { sct: 'broken' }, /SCT verification failed/],
    ['in a log that is not trusted', { sct: 'of another log' }, /SCT verification failed/],
    ['in no log', { sct: 'none' }, /expected 1 SCTs, got 0/],
  ])('does not verify with a certificate %s', async (_, rules, why) => {
    const [dir] = await signed(rules);
    const { refused = [] } = await verified(dir);
    expect(refused).toEqual(Array(2).fill(expect.stringMatching(why)));
  });

  type Loose = ReturnType<typeof JSON.parse>;
  const flip = (base64: string): string => {
    const bytes = Buffer.from(base64, 'base64');
    const at = bytes.length - 1;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes.toString('base64');
  };
  it.each<[string, (entry: Loose, material: Loose) => void, RegExp]>([
    [
      'a proof of inclusion',
      ({ inclusionProof }) => {
        inclusionProof.hashes[0] = flip(inclusionProof.hashes[0]);
      },
      /root hash does not match/,
    ],
    [
      'a proof of another place',
      ({ inclusionProof }) => {
        inclusionProof.logIndex = '0';
      },
      /hash count|root hash|SCT|inclusion/,
    ],
    [
      'a checkpoint',
      ({ inclusionProof }) => {
        inclusionProof.checkpoint.envelope = inclusionProof.checkpoint.envelope.replace(/\n\d+\n/, '\n99\n');
      },
      /invalid checkpoint signature/,
    ],
    [
      'a promise',
      ({ inclusionPromise }) => {
        inclusionPromise.signedEntryTimestamp = flip(inclusionPromise.signedEntryTimestamp);
      },
      /inclusion promise could not be verified/,
    ],
    [
      'a time',
      (entry) => {
        entry.integratedTime = String(Number(entry.integratedTime) - 30);
      },
      /inclusion promise could not be verified/,
    ],
    [
      'the entry of another',
      (entry) => {
        const body = JSON.parse(Buffer.from(entry.canonicalizedBody, 'base64').toString());
        body.spec.payloadHash.value = '0'.repeat(64);
        entry.canonicalizedBody = Buffer.from(JSON.stringify(body)).toString('base64');
      },
      /inclusion promise could not be verified/,
    ],
    [
      'no entry at all',
      (_, material) => {
        material.tlogEntries = [];
      },
      /expected 1 timestamps, got 0/,
    ],
    [
      'a promise alone',
      (entry) => {
        delete entry.inclusionProof;
      },
      /invalid bundle/,
    ],
    [
      'neither promise nor proof',
      (entry) => {
        delete entry.inclusionPromise;
        delete entry.inclusionProof;
      },
      /invalid bundle/,
    ],
  ])('does not verify where its log entry has %s instead of its own', async (_, spoil, why) => {
    const copy = copyOf(bundle);
    copies.push(copy);
    editJson(copy, 'attestation.sigstore.json', ({ verificationMaterial }) => {
      spoil(verificationMaterial.tlogEntries[0], verificationMaterial);
    });
    reseal(copy);
    const { refused = [] } = await verified(copy);
    expect(refused).toEqual([expect.stringMatching(why)]);
  });
});

describe('a log and a key', () => {
  it('a bundle that was signed with a key and entered in a log verifies by key, and by key and root', async () => {
    const keyed = signedWorld({ evidence: { sign: { key: 'KEY' }, rekor: sigstore.rekor } });
    try {
      const outcome = await keyed.scan({ offline: false });
      const dir = `${outcome.scan?.bundleDir}`;
      expect([outcome.exitCode, sigstore.refused]).toEqual([0, []]);
      const plain = { identity: undefined, issuer: undefined, key: keyed.pub };
      expect(await verified(dir, { ...plain, trustedRoot: undefined })).toEqual({
        notChecked: ['the entry of the transparency log (no --trusted-root)', ...ALWAYS],
      });
      expect(await verified(dir, plain)).toEqual({ notChecked: ALWAYS });
      const { refused } = await verified(dir, { ...plain, key: world.pub });
      expect(refused).toEqual(
        Array(2).fill(expect.stringMatching(/^SP6014: .* it was not made with this key$/)),
      );
    } finally {
      keyed.dispose();
    }
  });

  it('without a log a certificate proves nothing, which is said beforehand', async () => {
    sigstore.rules = {};
    const bare = signedWorld({ evidence: { sign: { keyless: true, fulcio: sigstore.fulcio } }, secrets: {} });
    try {
      const outcome = await bare.scan({ offline: false }, { env: { SIGSTORE_ID_TOKEN: sigstore.token() } });
      expect(outcome.diagnostics.map(({ code }) => code)).toContain('SP3082');
      expect(outcome.exitCode).toBe(0);
      const { refused } = await verified(`${outcome.scan?.bundleDir}`);
      expect(refused).toEqual(Array(2).fill(expect.stringMatching(/expected 1 timestamps, got 0/)));
    } finally {
      bare.dispose();
    }
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['of another audience', { aud: 'else' }],
    ['that has expired', { exp: 1 }],
  ])('a token %s is refused, and the bundle says that it is not signed', async (_, claims) => {
    sigstore.rules = {};
    const outcome = await world.scan(
      { offline: false },
      { env: { SIGSTORE_ID_TOKEN: sigstore.token(claims) } },
    );
    expect([outcome.exitCode, outcome.scan?.signature.state]).toEqual([3, 'failed']);
  });
});

const cosign = await findCosign(
  'nobody else checked what the double of Sigstore gave, nor our keyless bundles',
);

describe.skipIf(cosign === undefined)('cosign', () => {
  const accepts = (dir: string, over: Readonly<Record<string, string>> = {}): [boolean, string] => {
    const given = {
      '--trusted-root': join(world.root, 'root.json'),
      '--certificate-identity': IDENTITY,
      '--certificate-oidc-issuer': ISSUER,
      '--type': 'slsaprovenance1',
      '--bundle': join(dir, 'attestation.sigstore.json'),
      ...over,
    };
    const ended = spawnSync(
      cosign ?? '',
      [
        'verify-blob-attestation',
        '--new-bundle-format',
        ...Object.entries(given).flat(),
        join(dir, 'plan.json'),
      ],
      { encoding: 'utf8', env: { HOME: world.root, PATH: '/usr/bin:/bin' } },
    );
    return [ended.status === 0, ended.stderr];
  };

  it('accepts and refuses the same, so the double is what it stands for', async () => {
    expect(accepts(bundle)).toEqual([true, expect.any(String)]);
    expect(accepts(bundle, { '--certificate-identity': `${IDENTITY}x` })[0]).toBe(false);
    expect(accepts(bundle, { '--certificate-oidc-issuer': `${ISSUER}x` })[0]).toBe(false);
    for (const rules of [
      { notBeforeMs: -7_200_000, notAfterMs: -3_600_000 },
      { sct: 'broken' },
      { sct: 'none' },
    ] as const)
      expect([rules, accepts((await signed(rules))[0])[0]]).toEqual([rules, false]);
  }, 60_000);
});
