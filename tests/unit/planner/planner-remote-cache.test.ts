import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RemoteCacheSpec } from '../../../src/compiler/model/remote-cache-model.ts';
import { canonicalJson } from '../../../src/core/canonical.ts';
import { diffPlans } from '../../../src/planner/diff/diff.ts';
import { planDigestOf } from '../../../src/planner/ir/canonical-plan.ts';
import { readPlan, serializePlan } from '../../../src/planner/plan-file/plan-file.ts';
import { fakeScanner } from '../../support/fake-scanner.ts';
import { context, model, planned, tool } from '../../support/planner-rig.ts';

const keys = [0, 1].map(() =>
  generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
);
const [ONE = '', OTHER = ''] = keys;

const SPEC: RemoteCacheSpec = {
  store: {
    type: 's3',
    bucket: 'results',
    prefix: 'team',
    region: 'eu-central-1',
    endpoint: null,
    accessKey: 'AK',
    secretKey: 'SK',
  },
  sign: { key: 'KEY' },
  trust: [ONE],
  readOnly: false,
  timeoutMs: 20_000,
  allowPrivate: false,
  includePrivacy: false,
};

const planOf = (remote?: RemoteCacheSpec) =>
  planned(
    model([tool('one')], { cache: remote === undefined ? {} : { remote } }),
    context([fakeScanner('one')]),
  );

describe('a plan with a shared cache', () => {
  it('names it, and is what it was without one', () => {
    expect(planOf(SPEC).remoteCache).toEqual(SPEC);
    expect(planOf()).not.toHaveProperty('remoteCache');
    expect(readPlan(serializePlan(planOf(SPEC)))).toMatchObject({ ok: true, value: planOf(SPEC) });
  });

  it.each<[string, object]>([
    ['no store', { store: null }],
    ['a store of no kind', { store: { type: 'ftp' } }],
    ['a store at no address', { store: { type: 'http', url: 'nowhere' } }],
    ['a store without a bucket', { store: { ...SPEC.store, bucket: 7 } }],
    ['keys that are none', { trust: ['bm8ga2V5'] }],
    ['a signer without a key', { sign: {} }],
    ['no time', { timeoutMs: 0 }],
    ['flags that are none', { allowPrivate: 'yes' }],
  ])('and %s is not read, whole though it is', (_, over) => {
    const { planDigest: _digest, ...plan } = planOf(SPEC);
    const spoiled = { ...plan, remoteCache: { ...SPEC, ...over } };
    const text = canonicalJson({ ...spoiled, planDigest: planDigestOf(spoiled as never) } as never);
    expect(readPlan(text)).toMatchObject({ ok: false, diagnostics: [{ code: 'SP3006' }] });
  });
});

describe('a change of the shared cache', () => {
  it.each<[string, RemoteCacheSpec | undefined, RemoteCacheSpec | undefined, (string | RegExp)[]]>([
    [
      'sharing',
      undefined,
      SPEC,
      [
        'weakening: results are shared through s3://results/team',
        /^weakening: results signed by the key sha256:[0-9a-f]{16} are trusted$/,
        'weakening: results signed by the secret KEY are trusted',
      ],
    ],
    [
      'no longer sharing',
      SPEC,
      undefined,
      [
        'strengthening: results are no longer shared through s3://results/team',
        /^strengthening: results signed by the key .* are no longer trusted$/,
        'strengthening: results signed by the secret KEY are no longer trusted',
      ],
    ],
    [
      'trusting another key',
      SPEC,
      { ...SPEC, trust: [ONE, OTHER] },
      [/^weakening: results signed by the key /],
    ],
    [
      'exchanging a key',
      SPEC,
      { ...SPEC, trust: [OTHER] },
      [/^weakening: results signed by the key /, /^strengthening: results signed by the key /],
    ],
    [
      'another signer',
      SPEC,
      { ...SPEC, sign: { key: 'ELSE' } },
      [
        'weakening: results signed by the secret ELSE are trusted',
        'strengthening: results signed by the secret KEY are no longer trusted',
      ],
    ],
    [
      'another place',
      SPEC,
      { ...SPEC, store: { type: 'http', url: 'https://h.example/x' } },
      ['weakening: results are shared through https://h.example/x'],
    ],
    [
      'other credentials',
      SPEC,
      { ...SPEC, store: { ...SPEC.store, secretKey: 'SK2' } as RemoteCacheSpec['store'] },
      ['weakening: s3://results/team is used with other settings'],
    ],
    [
      'a private address and personal data',
      SPEC,
      { ...SPEC, allowPrivate: true, includePrivacy: true },
      [
        'weakening: the shared cache gets reports about personal data',
        'weakening: the shared cache may be in a private network and use plain http',
      ],
    ],
    [
      'only reading, for longer',
      SPEC,
      { ...SPEC, readOnly: true, timeoutMs: 60_000 },
      [
        'neutral: the shared cache is now read-only',
        'neutral: the timeout of the shared cache changes from 20000 ms to 60000 ms',
      ],
    ],
  ])('%s', (_, before, after, expected) => {
    const told = diffPlans(planOf(before), planOf(after)).map((one) => `${one.class}: ${one.text}`);
    expect(told).toEqual(
      expected.map((text) => (typeof text === 'string' ? text : expect.stringMatching(text))),
    );
  });
});
