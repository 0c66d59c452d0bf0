import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/policy/verdict.ts';
import { findCosign } from '../support/foreign-verifiers.ts';
import { copyOf, filesOf, keyPair, reseal } from '../support/signed-world.ts';
import { editJson, remake, replan, type TamperSubject, tamperMatrix } from '../support/tamper-matrix.ts';
import { type ExampleWorkspace, exampleWorkspace, readJson } from './workspace.ts';

// Real scanners; a fresh machine installs them first.
const INSTALL_MS = 20 * 60_000;

let place: ExampleWorkspace;
let subject: TamperSubject;

beforeAll(async () => {
  place = exampleWorkspace('light-python');
  const key = keyPair();
  const root = dirname(place.dir);
  writeFileSync(join(root, 'signing.key'), key.pem);
  writeFileSync(join(root, 'signing.pub'), key.pub);
  const manifest = readJson<{ policy: object }>(place.dir, 'secplan.json');
  const waiver = {
    match: { rule: 'B602' },
    reason: 'wrapped',
    owner: 'ann@example.org',
    expires: '2099-12-31',
  };
  const signed = {
    ...manifest,
    policy: { ...manifest.policy, waivers: [waiver] },
    secrets: { KEY: 'env:KEY' },
    evidence: { sign: { key: 'KEY' } },
  };
  writeFileSync(join(place.dir, 'secplan.json'), JSON.stringify(signed, null, 2));
  const { code, stderr } = await place.secplanWith(
    { KEY: key.pem },
    ...['run', '--profile', 'light', '--trust-workspace'],
  );
  const bundle = place.latest();
  const { incomplete, waivers } = readJson<Verdict>(bundle, 'verdict.json');
  expect([code, incomplete, waivers.used.length], stderr).toEqual([1, [], 1]);
  subject = { bundle, root, key, pub: join(root, 'signing.pub') };
}, INSTALL_MS);

afterAll(() => place?.[Symbol.dispose]());

describe('the signed bundle of the light profile', () => {
  test('verifies by the command line, and with 6 not at all once a byte has changed', async () => {
    const verify = (bundle: string) => place.secplan('verify', bundle, '--key', subject.pub);
    const whole = await verify(subject.bundle);
    expect([whole.code, whole.stderr]).toEqual([0, expect.not.stringContaining('error')]);
    const copy = copyOf(subject.bundle);
    writeFileSync(join(copy, 'ruff.txt'), 'All checks passed!\n');
    reseal(copy);
    expect((await verify(copy)).code).toBe(6);
    rmSync(dirname(copy), { recursive: true });
  });

  tamperMatrix(() => subject, 'reports/sast/ruff.sarif');
});

const cosign = await findCosign('nobody else checked the light bundle');

describe.skipIf(cosign === undefined)('cosign on it', () => {
  type Name = 'attestation' | 'attestation.vsa';
  const TYPES: Readonly<Record<Name, string>> = {
    attestation: 'slsaprovenance1',
    'attestation.vsa': 'https://slsa.dev/verification_summary/v1',
  };

  function accepts(dir: string, blob: string, pub = subject.pub, name: Name = 'attestation'): boolean {
    const root = join(subject.root, 'root.json');
    writeFileSync(root, '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}');
    const args = [
      'verify-blob-attestation',
      '--new-bundle-format',
      '--trusted-root',
      root,
      '--insecure-ignore-tlog',
    ];
    const which = ['--key', pub, '--type', TYPES[name], '--bundle', join(dir, `${name}.sigstore.json`)];
    return (
      spawnSync(cosign ?? '', [...args, ...which, join(dir, blob)], {
        env: { HOME: subject.root, PATH: process.env.PATH },
      }).status === 0
    );
  }

  test('accepts every artifact, and refuses what was changed, added, replanned or signed by another', async () => {
    const artifacts = filesOf(subject.bundle).filter((path) => !/^(attestation\.|checksums)/.test(path));
    for (const name of ['attestation', 'attestation.vsa'] as const)
      expect(artifacts.filter((path) => !accepts(subject.bundle, path, subject.pub, name))).toEqual([]);
    const copy = copyOf(subject.bundle);
    for (const path of artifacts) {
      const bytes = readFileSync(join(copy, path));
      const at = Math.floor(bytes.length / 2);
      if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(join(copy, path), bytes.length === 0 ? ' ' : bytes);
    }
    expect(artifacts.filter((path) => accepts(copy, path))).toEqual([]);
    writeFileSync(join(copy, 'more.txt'), 'x');
    expect(accepts(copy, 'more.txt')).toBe(false);
    rmSync(dirname(copy), { recursive: true });

    const another = copyOf(subject.bundle);
    // cosign knows content, not names: a renamed file is secplan's to refuse.
    renameSync(join(another, 'ruff.txt'), join(another, 'other.txt'));
    expect(accepts(another, 'other.txt')).toBe(true);
    replan(another, (plan) => Object.assign(plan.policy.budgets.overall, { critical: 7 }));
    expect(accepts(another, 'plan.json')).toBe(false);
    // An expired waiver revived: the plan and the verdict are then other files than those that were signed.
    replan(another, (plan) => Object.assign(plan.policy.waivers[0], { expires: '2020-01-31' }));
    editJson(another, 'verdict.json', (verdict) =>
      Object.assign(verdict.waivers.used[0], { expires: '2020-01-31' }),
    );
    for (const path of ['plan.json', 'verdict.json', 'summary.json', 'manifest-info.json'])
      expect(accepts(another, path)).toBe(false);
    const other = keyPair();
    await remake(another, other);
    expect(accepts(another, 'plan.json')).toBe(false);
    rmSync(dirname(another), { recursive: true });
  }, 300_000);
});
