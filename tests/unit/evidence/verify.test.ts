import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type VerifyRequest, verifyBundle } from '../../../src/app/verify/verify-bundle.ts';
import { verify } from '../../../src/cli/commands/verify.ts';
import { openConsole } from '../../../src/cli/shared/console.ts';
import { findCosign, findInTotoPython } from '../../support/foreign-verifiers.ts';
import {
  copyOf,
  filesOf,
  keyPair,
  reseal,
  type SignedWorld,
  signedWorld,
} from '../../support/signed-world.ts';
import { editJson, refusals, remake, replan, tamperMatrix } from '../../support/tamper-matrix.ts';

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

function codes(dir: string, over: Partial<VerifyRequest> = {}): Promise<string[]> {
  return refusals({ ...world, bundle }, dir, over);
}

describe('a signed bundle', () => {
  it('verifies offline, and what was not looked at is told', async () => {
    const verified = await verifyBundle({ cwd: world.root, bundle, key: world.pub });
    if (!verified.ok) throw new Error(JSON.stringify(verified.diagnostics));
    expect(verified.value.failures).toEqual([]);
    expect(verified.value.checked).toContain('signature of attestation.vsa.intoto.json');
    expect(verified.value.checked).toContain('verdict: recomputed from findings, coverage and policy');
    expect(verified.value.notChecked).toEqual([
      'no transparency log',
      'whether this is the intended plan (no --plan)',
      'whether this is the intended policy (no --policy)',
      'the time of the run: it comes from the clock of the machine',
    ]);
    const bare = await verifyBundle({ cwd: world.root, bundle });
    expect(bare.ok && bare.value.notChecked[0]).toMatch(/^signatures: without --key/);
    expect(bare.ok && bare.value).toMatchObject({ intact: true, verified: false, signature: 'not-checked' });
    expect(verified.value).toMatchObject({ intact: true, verified: true, signature: 'verified' });
  });

  tamperMatrix(() => ({ ...world, bundle }), 'reports/sast/mine.sarif');

  it('names what was renamed', async () => {
    const copy = copied();
    renameSync(join(copy, 'timeline.svg'), join(copy, 'other.svg'));
    const verified = await verifyBundle({ cwd: world.root, bundle: copy });
    expect(verified.ok && verified.value.failures.map(({ summary }) => summary)).toContain(
      'timeline.svg was renamed to other.svg after attestation.intoto.json was written',
    );
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

/** What a value of JSON may be turned into. */
const OTHER_VALUES: readonly unknown[] = [null, true, -1, '', 'x', '2026-13-45', [], [null], {}, { a: [] }];

/** Places of a document: each member and item, by the keys that lead to it. */
function placesOf(value: unknown, at: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, item]) => placesOf(item, [...at, key]))];
}

function mutate(text: string, pick: number, other: unknown, remove: boolean): string {
  const holder = { root: JSON.parse(text) };
  const places = placesOf(holder).slice(1);
  const place = places[pick % places.length] ?? [];
  let owner: Record<string, unknown> = holder;
  for (const key of place.slice(0, -1)) owner = owner[key] as Record<string, unknown>;
  const last = place.at(-1) ?? 'root';
  if (remove && place.length > 1) delete owner[last];
  else owner[last] = other;
  return JSON.stringify(holder.root);
}

describe('the first line of verify', () => {
  async function said(dir: string, flags: Record<string, string> = {}, json = false) {
    let stdout = '';
    const sink = { write: (text: string) => (stdout += text) };
    const surroundings = { cwd: world.root, env: {}, stdout: sink, stderr: { write: () => undefined } };
    const exitCode = await verify(openConsole(surroundings, json), dir, flags);
    return { exitCode, stdout };
  }

  it('says VERIFIED only where a signature was checked', async () => {
    expect(await said(bundle, { key: world.pub })).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^ VERIFIED /),
    });
    const bare = await said(bundle);
    expect(bare).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^ intact, signature not checked /),
    });
    expect(bare.stdout).not.toContain('VERIFIED');
    const document = JSON.parse((await said(bundle, {}, true)).stdout);
    expect(document).toMatchObject({ intact: true, verified: false, signature: 'not-checked', exitCode: 0 });
    const copy = copied();
    writeFileSync(join(copy, 'more.txt'), 'x');
    expect(await said(copy)).toMatchObject({ exitCode: 6, stdout: expect.stringMatching(/^ NOT VERIFIED /) });
  });

  it('says of a bundle without signatures that it is unsigned, and with a key that it is not verified', async () => {
    const plain = signedWorld({ evidence: {} });
    const { scan } = await plain.scan();
    const dir = scan?.bundleDir ?? '';
    const bare = await said(dir);
    expect(bare).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^ intact, unsigned /) });
    expect(bare.stdout).not.toContain('VERIFIED');
    expect(await said(dir, { key: world.pub })).toMatchObject({
      exitCode: 6,
      stdout: expect.stringMatching(/^ NOT VERIFIED /),
    });
    plain.dispose();
  });
});

describe('whatever is done to a bundle', () => {
  const documents = () => filesOf(bundle).filter((path) => /\.(json|sarif|link)$/.test(path));

  it('verify says what does not hold, and never fails itself', async () => {
    const copy = copied();
    const paths = documents();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(paths.length - 1),
        fc.nat(100_000),
        fc.constantFrom(...OTHER_VALUES),
        fc.boolean(),
        fc.boolean(),
        async (index, pick, other, remove, keyless) => {
          const path = paths[index] ?? '';
          const file = join(copy, path);
          const whole = readFileSync(file, 'utf8');
          writeFileSync(file, mutate(whole, pick, other, remove));
          reseal(copy);
          // Without a key, what one file says may be changed where no other says it, too.
          const found = await codes(copy, keyless ? { key: undefined } : {});
          expect(found.every((code) => /^(refused )?SP60\d\d$/.test(code))).toBe(true);
          writeFileSync(file, whole);
          reseal(copy);
        },
      ),
      { numRuns: 120 },
    );
  }, 300_000);

  it.each<[string, (whole: Buffer) => string | Buffer]>([
    ['nothing', () => ''],
    ['its first half', (whole) => whole.subarray(0, whole.length / 2)],
    ['bytes that are no text', () => Buffer.from([0xff, 0xfe, 0x00, 0x80])],
    ['lists without end', () => '['.repeat(100_000) + ']'.repeat(100_000)],
    ['null', () => 'null'],
    ['a list', () => '[]'],
    ['an empty object', () => '{}'],
    ['an object of another kind', () => '{"schema":"https://secplan.dev/schema/golden/v1"}'],
  ])(
    'a document that is %s is named',
    async (_, spoil) => {
      const copy = copied();
      for (const path of documents()) {
        const whole = readFileSync(join(copy, path));
        if (/\.raw\.(json|sarif)$/.test(path)) continue;
        writeFileSync(join(copy, path), spoil(whole));
        reseal(copy);
        expect(await codes(copy, { key: undefined }), path).not.toEqual([]);
        writeFileSync(join(copy, path), whole);
      }
    },
    120_000,
  );

  it('a key that stands twice is named in every document', async () => {
    const copy = copied();
    for (const path of documents()) {
      const whole = readFileSync(join(copy, path), 'utf8');
      if (/\.raw\.(json|sarif)$/.test(path)) continue;
      const first = Object.entries(JSON.parse(whole))[0] ?? ['', null];
      writeFileSync(join(copy, path), whole.replace('{', `{${JSON.stringify(first[0])}:"else",`));
      reseal(copy);
      expect(await codes(copy, { key: undefined }), path).toContain('SP6012');
      writeFileSync(join(copy, path), whole);
    }
  });

  it('bytes behind the last line of checksums.txt, and a line of another form, are named', async () => {
    for (const more of ['x', 'x\n', '\n', `${'0'.repeat(64)}  not-there`, '\0']) {
      const copy = copied();
      appendFileSync(join(copy, 'checksums.txt'), more);
      expect(await codes(copy), JSON.stringify(more)).toEqual(['SP6011']);
    }
  });

  it('a statement that no signature covers is named', async () => {
    const note = JSON.stringify({ schema: 'https://secplan.dev/schema/unsigned/v1', why: 'no key' });
    for (const [path, text] of [
      ['attestation.unsigned.json', note],
      ['attestation.other.intoto.json', '{}'],
      ['attestation.links/more/gate.link', '{}'],
    ] as const) {
      const copy = copied();
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), text);
      reseal(copy);
      expect(await codes(copy), path).toContain('SP6010');
    }
    const copy = copied();
    editJson(copy, 'attestation.sigstore.json', ({ dsseEnvelope }) => {
      dsseEnvelope.signatures.push({ ...dsseEnvelope.signatures[0], sig: 'AAAA' });
    });
    reseal(copy);
    expect((await codes(copy)).some((code) => code === 'SP6012' || code === 'SP6014')).toBe(true);
  });
});

const cosign = await findCosign('nobody else checked our signatures');

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

const python = await findInTotoPython('nobody else checked our links');

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

describe.skipIf(python === undefined)('in-toto', () => {
  const verifies = (dir: string, key = 'signing.key') =>
    spawnSync(python ?? '', ['-c', VERIFIER, join(world.root, key), '', join(dir, 'attestation.links')], {
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
