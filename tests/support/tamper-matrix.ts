import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type VerifyRequest, verifyBundle } from '../../src/app/verify/verify-bundle.ts';
import { digestOfJson } from '../../src/core/canonical.ts';
import { keySigner } from '../../src/evidence/sign/key-signer.ts';
import { signStatement } from '../../src/evidence/sign/sign-statement.ts';
import { policyDigest } from '../../src/evidence/statement/policy-digest.ts';
import { VERDICT_EXTENSION } from '../../src/evidence/statement/verdict-summary.ts';
import { copyOf, filesOf, keyPair, reseal, type TestKey } from './signed-world.ts';

type Loose = ReturnType<typeof JSON.parse>;

/** A signed bundle to be tampered with. Its first waiver is used and has not expired. */
export interface TamperSubject {
  readonly bundle: string;
  /** A folder to put keys and policies in. */
  readonly root: string;
  readonly key: TestKey;
  /** Its public half, as a file. */
  readonly pub: string;
}

export function editJson(dir: string, path: string, edit: (value: Loose) => void): void {
  const value = JSON.parse(readFileSync(join(dir, path), 'utf8'));
  edit(value);
  writeFileSync(join(dir, path), `${JSON.stringify(value, null, 2)}\n`);
}

const sha256 = (dir: string, path: string): string =>
  createHash('sha256')
    .update(readFileSync(join(dir, path)))
    .digest('hex');

/** What an insider with a key would do: every digest made anew, everything signed again. */
export async function remake(dir: string, key: TestKey): Promise<void> {
  const subjects = filesOf(dir)
    .filter((path) => !path.startsWith('attestation.') && path !== 'checksums.txt')
    .map((path) => ({ name: path, digest: { sha256: sha256(dir, path) } }));
  const plan = JSON.parse(readFileSync(join(dir, 'plan.json'), 'utf8'));
  const verdict = JSON.parse(readFileSync(join(dir, 'verdict.json'), 'utf8'));
  editJson(dir, 'attestation.intoto.json', (statement) => {
    statement.subject = subjects;
    statement.predicate.buildDefinition.externalParameters.plan.digest.sha256 = plan.planDigest.slice(7);
  });
  editJson(dir, 'attestation.vsa.intoto.json', (statement) => {
    const { predicate } = statement;
    statement.subject = subjects;
    predicate.inputAttestations[0].digest.sha256 = sha256(dir, 'attestation.intoto.json');
    predicate.policy.digest.sha256 = policyDigest(plan.policy).slice(7);
    Object.assign(predicate[VERDICT_EXTENSION], {
      planDigest: plan.planDigest,
      outcome: verdict.outcome,
      waivers: verdict.waivers.used.map((one: Loose) => ({ ...one, findings: one.findings.length })),
    });
  });
  const signer = keySigner(key.privateKey, 'KEY');
  for (const name of ['attestation', 'attestation.vsa']) {
    const text = readFileSync(join(dir, `${name}.intoto.json`), 'utf8');
    const signed = await signStatement(signer, text, null, new AbortController().signal);
    writeFileSync(join(dir, `${name}.sigstore.json`), signed);
  }
  reseal(dir);
}

/** Makes the bundle's plan another one, with a digest that fits everywhere. */
export function replan(dir: string, edit: (plan: Loose) => void): void {
  const { planDigest: _, ...plan } = JSON.parse(readFileSync(join(dir, 'plan.json'), 'utf8'));
  edit(plan);
  const planDigest = digestOfJson(plan);
  writeFileSync(join(dir, 'plan.json'), JSON.stringify({ ...plan, planDigest }));
  for (const path of ['summary.json', 'manifest-info.json'])
    editJson(dir, path, (value) => Object.assign(value, { planDigest }));
}

/** The refusals of `verify`, by code, once each; none where it verifies. */
export async function refusals(
  subject: TamperSubject,
  dir: string,
  over: Partial<VerifyRequest> = {},
): Promise<string[]> {
  const verified = await verifyBundle({ cwd: subject.root, bundle: dir, key: subject.pub, ...over });
  if (!verified.ok) return verified.diagnostics.map(({ code }) => `refused ${code}`);
  expect(verified.value.intact).toBe(verified.value.failures.length === 0);
  expect(verified.value.verified).toBe(verified.value.intact && verified.value.signature === 'verified');
  return [...new Set(verified.value.failures.map(({ code }) => code))].sort();
}

/** Tests that nothing can be changed in a signed bundle unnoticed; `report` is the path of one of its reports. */
export function tamperMatrix(given: () => TamperSubject, report: string): void {
  const other = keyPair();
  const copies: string[] = [];
  afterAll(() => {
    for (const copy of copies) rmSync(dirname(copy), { recursive: true, force: true });
  });
  const copied = (): string => {
    const copy = copyOf(given().bundle);
    copies.push(copy);
    return copy;
  };
  const codes = (dir: string, over: Partial<VerifyRequest> = {}) => refusals(given(), dir, over);
  const otherPub = (): string => {
    const path = join(given().root, 'tamper-other.pub');
    writeFileSync(path, other.pub);
    return path;
  };

  it('does not verify after one byte of any of its files was changed', async () => {
    const missed: string[] = [];
    const copy = copied();
    const checksums = readFileSync(join(copy, 'checksums.txt'));
    for (const path of filesOf(copy)) {
      const whole = readFileSync(join(copy, path));
      const bytes = Buffer.from(whole.length === 0 ? ' ' : whole);
      const at = Math.floor(bytes.length / 2);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(join(copy, path), bytes);
      // With checksums that fit: they are the least of the hurdles.
      if (path !== 'checksums.txt') reseal(copy);
      if ((await codes(copy)).length === 0) missed.push(path);
      writeFileSync(join(copy, path), whole);
      writeFileSync(join(copy, 'checksums.txt'), checksums);
    }
    expect(await codes(copy)).toEqual([]);
    expect(missed).toEqual([]);
  }, 600_000);

  it('does not verify after any of its files was removed, or renamed', async () => {
    const copy = copied();
    const checksums = readFileSync(join(copy, 'checksums.txt'));
    const missed: string[] = [];
    for (const path of filesOf(copy)) {
      const [at, aside] = [join(copy, path), join(dirname(copy), 'aside')];
      renameSync(at, aside);
      if (path !== 'checksums.txt') reseal(copy);
      if ((await codes(copy)).length === 0) missed.push(`${path} removed`);
      renameSync(aside, `${at}.other`);
      if (path !== 'checksums.txt') reseal(copy);
      if ((await codes(copy)).length === 0) missed.push(`${path} renamed`);
      renameSync(`${at}.other`, at);
      writeFileSync(join(copy, 'checksums.txt'), checksums);
    }
    expect(await codes(copy)).toEqual([]);
    expect(missed).toEqual([]);
  }, 600_000);

  it('does not verify after a file was added to any of its folders', async () => {
    const copy = copied();
    const checksums = readFileSync(join(copy, 'checksums.txt'));
    const folders = new Set(filesOf(copy).map((path) => dirname(path)));
    const missed: string[] = [];
    for (const folder of folders) {
      const added = join(copy, folder, 'added.json');
      writeFileSync(added, '{}');
      reseal(copy);
      if ((await codes(copy)).length === 0) missed.push(folder);
      rmSync(added);
      writeFileSync(join(copy, 'checksums.txt'), checksums);
    }
    expect(folders.size).toBeGreaterThan(2);
    expect(missed).toEqual([]);
  }, 600_000);

  it.each<[string, (dir: string) => void, string[]]>([
    ['a file was added', (dir) => writeFileSync(join(dir, 'more.txt'), 'x'), ['SP6015']],
    ['a file was removed', (dir) => rmSync(join(dir, report)), ['SP6015']],
    ['a file was renamed', (dir) => renameSync(join(dir, report), join(dir, `${report}.other`)), ['SP6015']],
    [
      'a file was added among the statements',
      (dir) => writeFileSync(join(dir, 'attestation.x'), ''),
      ['SP6010'],
    ],
    [
      'a link was added',
      (dir) => writeFileSync(join(dir, 'attestation.links/x.link'), '{}'),
      ['SP6012', 'SP6015'],
    ],
    ['a signature was removed', (dir) => rmSync(join(dir, 'attestation.vsa.sigstore.json')), ['SP6013']],
    [
      'signatures were exchanged',
      (dir) =>
        writeFileSync(
          join(dir, 'attestation.sigstore.json'),
          readFileSync(join(dir, 'attestation.vsa.sigstore.json')),
        ),
      ['SP6014'],
    ],
  ])('does not verify after %s, checksums made anew', async (_, spoil, expected) => {
    const copy = copied();
    spoil(copy);
    reseal(copy);
    expect(await codes(copy)).toEqual(expected);
  });

  it('does not verify by another key', async () => {
    expect(await codes(given().bundle, { key: otherPub() })).toEqual(['SP6014']);
    const copy = copied();
    await remake(copy, other);
    expect(await codes(copy)).toEqual(['SP6014']);
    expect(await codes(copy, { key: otherPub() })).toEqual([]);
  });

  it('does not verify as one of another plan', async () => {
    const copy = copied();
    replan(copy, (plan) => Object.assign(plan, { name: 'else' }));
    reseal(copy);
    expect(await codes(copy)).toEqual(expect.arrayContaining(['SP6015', 'SP6016']));
    // Even the holder of the key cannot pass it off for the plan that was meant.
    await remake(copy, given().key);
    expect(await codes(copy)).toEqual([]);
    expect(await codes(copy, { plan: join(given().bundle, 'plan.json') })).toEqual(['SP6016']);
    expect(await codes(given().bundle, { plan: join(given().bundle, 'plan.json') })).toEqual([]);
  });

  it('does not verify as one of another policy', async () => {
    const copy = copied();
    replan(copy, (plan) => Object.assign(plan.policy.budgets.overall, { critical: 7 }));
    reseal(copy);
    expect(await codes(copy)).toEqual(expect.arrayContaining(['SP6016', 'SP6017', 'SP6018']));
    await remake(copy, given().key);
    // The verdict still tells of the old budgets.
    expect(await codes(copy)).toEqual(['SP6018']);
    const policy = join(given().root, 'policy.json');
    writeFileSync(policy, '{"critical": 1}');
    expect(await codes(given().bundle, { policy })).toEqual(['SP6017']);
    writeFileSync(policy, '{"critical": 0, "high": 5}');
    expect(await codes(given().bundle, { policy })).toEqual([]);
  });

  it('does not verify when an expired waiver was revived, even signed by the right key', async () => {
    const copy = copied();
    replan(copy, (plan) => Object.assign(plan.policy.waivers[0], { expires: '2020-01-31' }));
    editJson(copy, 'verdict.json', (verdict) =>
      Object.assign(verdict.waivers.used[0], { expires: '2020-01-31' }),
    );
    await remake(copy, given().key);
    expect(await codes(copy)).toEqual(['SP6018', 'SP6019']);
  });
}
