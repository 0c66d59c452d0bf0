import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type VerifyRequest, verifyBundle } from '../src/api/verify-bundle.ts';
import { digestOfJson } from '../src/core/canonical.ts';
import { policyDigest } from '../src/evidence/attest/policy-digest.ts';
import { VERDICT_EXTENSION } from '../src/evidence/attest/verdict-summary.ts';
import { keySigner } from '../src/evidence/sign/key-signer.ts';
import { signStatement } from '../src/evidence/sign/sign-statement.ts';
import {
  copyOf,
  filesOf,
  keyPair,
  reseal,
  type SignedWorld,
  signedWorld,
  type TestKey,
} from './rig/signed-world.ts';

type Loose = ReturnType<typeof JSON.parse>;

let world: SignedWorld;
let bundle: string;
const copies: string[] = [];
const other = keyPair();

beforeAll(async () => {
  world = signedWorld();
  const outcome = await world.scan();
  if (outcome.scan === undefined) throw new Error(JSON.stringify(outcome.diagnostics));
  expect(outcome.exitCode).toBe(0);
  expect(outcome.scan.signature).toEqual({ state: 'signed', by: 'key KEY' });
  expect(outcome.scan.verdict.waivers.used).toHaveLength(1);
  bundle = outcome.scan.bundleDir;
  writeFileSync(join(world.root, 'other.pub'), other.pub);
}, 60_000);
afterAll(() => {
  world.dispose();
  for (const copy of copies) rmSync(dirname(copy), { recursive: true, force: true });
});

function copied(): string {
  const copy = copyOf(bundle);
  copies.push(copy);
  return copy;
}

async function codes(dir: string, over: Partial<VerifyRequest> = {}): Promise<string[]> {
  const verified = await verifyBundle({ cwd: world.root, bundle: dir, key: world.pub, ...over });
  if (!verified.ok) return verified.diagnostics.map(({ code }) => `refused ${code}`);
  expect(verified.value.verified).toBe(verified.value.failures.length === 0);
  return [...new Set(verified.value.failures.map(({ code }) => code))].sort();
}

function editJson(dir: string, path: string, edit: (value: Loose) => void): void {
  const value = JSON.parse(readFileSync(join(dir, path), 'utf8'));
  edit(value);
  writeFileSync(join(dir, path), `${JSON.stringify(value, null, 2)}\n`);
}

const sha256 = (dir: string, path: string): string =>
  createHash('sha256')
    .update(readFileSync(join(dir, path)))
    .digest('hex');

/** What an insider with a key would do: every digest made anew, everything signed again. */
async function remake(dir: string, key: TestKey): Promise<void> {
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
function replan(dir: string, edit: (plan: Loose) => void): void {
  const { planDigest: _, ...plan } = JSON.parse(readFileSync(join(dir, 'plan.json'), 'utf8'));
  edit(plan);
  const planDigest = digestOfJson(plan);
  writeFileSync(join(dir, 'plan.json'), JSON.stringify({ ...plan, planDigest }));
  for (const path of ['summary.json', 'manifest-info.json'])
    editJson(dir, path, (value) => Object.assign(value, { planDigest }));
}

describe('a signed bundle', () => {
  it('verifies offline, and what was not looked at is told', async () => {
    const verified = await verifyBundle({ cwd: world.root, bundle, key: world.pub });
    if (!verified.ok) throw new Error(JSON.stringify(verified.diagnostics));
    expect(verified.value.failures).toEqual([]);
    expect(verified.value.checked).toContain('signature of attestation.vsa.intoto.json');
    expect(verified.value.checked).toContain('verdict: findings, coverage and policy give it again');
    expect(verified.value.notChecked).toEqual([
      'no transparency log',
      'whether it is the plan that was meant (no --plan)',
      'whether it is the policy that was meant (no --policy)',
      "the time of the run: it is the machine's own",
    ]);
    const bare = await verifyBundle({ cwd: world.root, bundle });
    expect(bare.ok && bare.value.notChecked[0]).toMatch(/^signatures: no --key/);
  });

  it('does not verify after one byte of any of its files was changed', async () => {
    const missed: string[] = [];
    for (const path of filesOf(bundle)) {
      const copy = copied();
      const bytes = readFileSync(join(copy, path));
      const at = Math.floor(bytes.length / 2);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(join(copy, path), bytes);
      // With checksums that fit: they are the least of the hurdles.
      if (path !== 'checksums.txt') reseal(copy);
      if ((await codes(copy)).length === 0) missed.push(path);
    }
    expect(missed).toEqual([]);
  }, 120_000);

  it.each<[string, (dir: string) => void, string[]]>([
    ['a file was added', (dir) => writeFileSync(join(dir, 'more.txt'), 'x'), ['SP6015']],
    ['a file was removed', (dir) => rmSync(join(dir, 'reports/sast/mine.sarif')), ['SP6015']],
    [
      'a file was renamed',
      (dir) => renameSync(join(dir, 'reports/sast/mine.sarif'), join(dir, 'reports/sast/yours.sarif')),
      ['SP6015'],
    ],
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

  it('names what was renamed', async () => {
    const copy = copied();
    renameSync(join(copy, 'timeline.svg'), join(copy, 'other.svg'));
    const verified = await verifyBundle({ cwd: world.root, bundle: copy });
    expect(verified.ok && verified.value.failures.map(({ summary }) => summary)).toContain(
      'timeline.svg was renamed to other.svg since attestation.intoto.json was made',
    );
  });

  it('does not verify by another key', async () => {
    expect(await codes(bundle, { key: join(world.root, 'other.pub') })).toEqual(['SP6014']);
    const copy = copied();
    await remake(copy, other);
    expect(await codes(copy)).toEqual(['SP6014']);
    expect(await codes(copy, { key: join(world.root, 'other.pub') })).toEqual([]);
  });

  it('does not verify as one of another plan', async () => {
    const copy = copied();
    replan(copy, (plan) => Object.assign(plan, { name: 'else' }));
    reseal(copy);
    expect(await codes(copy)).toEqual(expect.arrayContaining(['SP6015', 'SP6016']));
    // Even the holder of the key cannot pass it off for the plan that was meant.
    await remake(copy, world.key);
    expect(await codes(copy)).toEqual([]);
    expect(await codes(copy, { plan: join(bundle, 'plan.json') })).toEqual(['SP6016']);
    expect(await codes(bundle, { plan: join(bundle, 'plan.json') })).toEqual([]);
  });

  it('does not verify as one of another policy', async () => {
    const copy = copied();
    replan(copy, (plan) => Object.assign(plan.policy.budgets.overall, { critical: 7 }));
    reseal(copy);
    expect(await codes(copy)).toEqual(expect.arrayContaining(['SP6016', 'SP6017', 'SP6018']));
    await remake(copy, world.key);
    // The verdict still tells of the old budgets.
    expect(await codes(copy)).toEqual(['SP6018']);
    const policy = join(world.root, 'policy.json');
    writeFileSync(policy, '{"critical": 1}');
    expect(await codes(bundle, { policy })).toEqual(['SP6017']);
    writeFileSync(policy, '{"critical": 0, "high": 5}');
    expect(await codes(bundle, { policy })).toEqual([]);
  });

  it('does not verify when an expired waiver was revived, even signed by the right key', async () => {
    const copy = copied();
    replan(copy, (plan) => Object.assign(plan.policy.waivers[0], { expires: '2020-01-31' }));
    editJson(copy, 'verdict.json', (verdict) =>
      Object.assign(verdict.waivers.used[0], { expires: '2020-01-31' }),
    );
    await remake(copy, world.key);
    expect(await codes(copy)).toEqual(['SP6018', 'SP6019']);
  });
});

describe('a hostile bundle', () => {
  it.each<[string, (dir: string) => void]>([
    ['a link', (dir) => symlinkSync('/etc/passwd', join(dir, 'passwd'))],
    ['a link to a folder', (dir) => symlinkSync('/', join(dir, 'all'))],
    [
      'a link in place of a document',
      (dir) => {
        rmSync(join(dir, 'plan.json'));
        symlinkSync(join(bundle, 'plan.json'), join(dir, 'plan.json'));
      },
    ],
    ['a FIFO', (dir) => void execFileSync('mkfifo', [join(dir, 'pipe')])],
    [
      'a file of 16 TiB',
      (dir) => {
        writeFileSync(join(dir, 'huge'), '');
        truncateSync(join(dir, 'huge'), 2 ** 43);
      },
    ],
    [
      'folders without end',
      (dir) => mkdirSync(join(dir, Array(30).fill('d').join('/')), { recursive: true }),
    ],
  ])('with %s is refused unread', async (_, spoil) => {
    const copy = copied();
    spoil(copy);
    expect(await codes(copy)).toEqual(['SP6010']);
  });

  it('whose statement names paths outside is only told to lack them', async () => {
    const copy = copied();
    editJson(copy, 'attestation.intoto.json', (value) => {
      value.subject[0].name = '../../../etc/passwd';
    });
    reseal(copy);
    expect(await codes(copy)).toEqual(expect.arrayContaining(['SP6014', 'SP6015']));
  });

  it('without documents, or with none that are any, fails and does not throw', async () => {
    const copy = copied();
    for (const path of ['plan.json', 'verdict.json', 'attestation.intoto.json'])
      writeFileSync(join(copy, path), '[[[');
    expect(await codes(copy)).toEqual(expect.arrayContaining(['SP6011', 'SP6012', 'SP6016']));
    expect(await codes(join(world.root, 'nowhere'))).toEqual(['refused SP6001']);
    expect(await codes(bundle, { key: join(bundle, 'plan.json') })).toEqual(['refused SP6021']);
    expect(await codes(bundle, { key: join(world.root, 'signing.key') })).toEqual(['refused SP6021']);
  });
});

function which(name: string, variable: string): string | undefined {
  const named = process.env[variable];
  if (named !== undefined) return named;
  const found = spawnSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
  return found === '' ? undefined : found;
}

const cosign = which('cosign', 'SECPLAN_COSIGN');
if (cosign === undefined)
  process.stderr.write(
    'SKIPPED: cosign is not here (PATH or SECPLAN_COSIGN): nobody else checked our signatures\n',
  );

describe.skipIf(cosign === undefined)('cosign', () => {
  function accepts(dir: string, blob: string, key = world.pub, name = 'attestation'): boolean {
    const root = join(world.root, 'root.json');
    writeFileSync(root, '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}');
    const type = name === 'attestation' ? 'slsaprovenance1' : 'https://slsa.dev/verification_summary/v1';
    const args = ['verify-blob-attestation', '--new-bundle-format', '--trusted-root', root];
    const ended = spawnSync(
      cosign ?? '',
      [
        ...args,
        '--insecure-ignore-tlog',
        '--key',
        key,
        '--type',
        type,
        '--bundle',
        join(dir, `${name}.sigstore.json`),
        join(dir, blob),
      ],
      { encoding: 'utf8', env: { HOME: world.root, PATH: '/usr/bin:/bin' } },
    );
    return ended.status === 0;
  }

  it('accepts every file of the bundle and refuses what was changed, added or signed by another', async () => {
    const subjects = filesOf(bundle).filter((path) => !/^(attestation\.|checksums)/.test(path));
    expect(subjects.filter((path) => !accepts(bundle, path))).toEqual([]);
    expect(accepts(bundle, 'plan.json', world.pub, 'attestation.vsa')).toBe(true);
    expect(accepts(bundle, 'plan.json', join(world.root, 'other.pub'))).toBe(false);
    const copy = copied();
    writeFileSync(
      join(copy, 'verdict.json'),
      readFileSync(join(copy, 'verdict.json'), 'utf8').replace('pass', 'fail'),
    );
    writeFileSync(join(copy, 'more.txt'), 'x');
    expect(accepts(copy, 'verdict.json')).toBe(false);
    expect(accepts(copy, 'more.txt')).toBe(false);
    replan(copy, (plan) => Object.assign(plan, { name: 'else' }));
    expect(accepts(copy, 'plan.json')).toBe(false);
    await remake(copy, other);
    expect(accepts(copy, 'plan.json')).toBe(false);
    expect(accepts(copy, 'plan.json', join(world.root, 'other.pub'))).toBe(true);
  }, 120_000);
});

const python = process.env.SECPLAN_IN_TOTO_PYTHON ?? 'python3';
const inToto = spawnSync(python, ['-c', 'import in_toto'], { stdio: 'ignore' }).status === 0;
if (!inToto)
  process.stderr.write(
    'SKIPPED: in-toto is not here (SECPLAN_IN_TOTO_PYTHON): nobody else checked our links\n',
  );

/** A layout that wants each stage's link by the key and holds the stages to each other, and in-toto's own verifier. */
const VERIFIER = `
import sys, datetime
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from securesystemslib.signer import CryptoSigner, SSlibKey
from in_toto.models.layout import Layout, Step
from in_toto.models.metadata import Metablock
from in_toto.verifylib import in_toto_verify
key, pub, links = sys.argv[1:4]
private = load_pem_private_key(open(key, 'rb').read(), None)
public = SSlibKey.from_crypto(private.public_key())
def step(name, materials, products):
    return Step(name=name, pubkeys=[public.keyid], expected_materials=materials, expected_products=products, threshold=1)
chain = ['MATCH', 'findings.sarif', 'WITH', 'PRODUCTS', 'FROM', 'aggregate']
layout = Layout(keys={public.keyid: {'keyid': public.keyid, **public.to_dict()}}, steps=[
    step('mine', [['ALLOW', '*']], [['CREATE', 'reports/*'], ['DISALLOW', '*']]),
    step('aggregate', [['MATCH', 'reports/*', 'WITH', 'PRODUCTS', 'FROM', 'mine'], ['ALLOW', 'plan.json'], ['DISALLOW', '*']], [['CREATE', 'findings.sarif'], ['DISALLOW', '*']]),
    step('gate', [chain, ['ALLOW', 'plan.json'], ['DISALLOW', '*']], [['CREATE', 'verdict.json'], ['DISALLOW', '*']]),
    step('report', [chain, ['MATCH', 'verdict.json', 'WITH', 'PRODUCTS', 'FROM', 'gate'], ['ALLOW', 'plan.json'], ['DISALLOW', '*']], [['ALLOW', '*']]),
])
layout.expires = '2099-01-01T00:00:00Z'
metadata = Metablock(signed=layout)
metadata.create_signature(CryptoSigner(private, public))
in_toto_verify(metadata, {public.keyid: {'keyid': public.keyid, **public.to_dict()}}, link_dir_path=links)
`;

describe.skipIf(!inToto)('in-toto', () => {
  const verifies = (dir: string, key = 'signing.key') =>
    spawnSync(python, ['-c', VERIFIER, join(world.root, key), '', join(dir, 'attestation.links')], {
      encoding: 'utf8',
      cwd: world.root,
    });

  it('accepts the link of every stage, chained by what each left, and refuses a changed one', () => {
    const held = verifies(bundle);
    expect([held.status, held.stderr.slice(-2000)]).toEqual([0, expect.any(String)]);
    const copy = copied();
    const link = filesOf(copy).find((path) => path.includes('/gate.')) ?? '';
    editJson(copy, link, (envelope) => {
      const signed = JSON.parse(Buffer.from(envelope.payload, 'base64').toString());
      signed.products['verdict.json'].sha256 = '0'.repeat(64);
      envelope.payload = Buffer.from(JSON.stringify(signed)).toString('base64');
    });
    expect(verifies(copy).status).not.toBe(0);
    writeFileSync(join(world.root, 'other.key'), other.pem);
    expect(verifies(bundle, 'other.key').status).not.toBe(0);
  });
});
