import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ScanRequestOptions } from '../../../src/app/contract/scan-option-types.ts';
import type { ScanOutcome } from '../../../src/app/contract/scan-types.ts';
import { runScan } from '../../../src/app/scan/run-scan.ts';
import { verifyBundle } from '../../../src/app/verify/verify-bundle.ts';
import { readPrivateKey } from '../../../src/evidence/sign/read-private-key.ts';
import { COSIGN_KEY, COSIGN_PASSWORD, COSIGN_PUB } from '../../support/cosign-key.ts';
import { filesOf, keyPair, type SignedWorld, signedWorld } from '../../support/signed-world.ts';

const worlds: SignedWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});

function open(...args: Parameters<typeof signedWorld>): SignedWorld {
  const world = signedWorld(...args);
  worlds.push(world);
  return world;
}

interface Ran {
  readonly outcome: ScanOutcome;
  /** Everything that anyone could see of the run. */
  readonly seen: string;
}

async function run(
  world: SignedWorld,
  env: Readonly<Record<string, string>> = {},
  options: ScanRequestOptions = {},
): Promise<Ran> {
  const events: unknown[] = [];
  const outcome = await runScan({
    cwd: world.workspace,
    env: {
      PATH: '/usr/bin:/bin',
      HOME: world.root,
      SECPLAN_TOOLS_DIR: join(world.root, 'tools'),
      SECPLAN_CACHE_DIR: join(world.root, 'cache'),
      ...env,
    },
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
    now: Date.now,
    options: { profile: 'own', offline: true, trustWorkspace: true, exportDir: world.exportDir, ...options },
  });
  const dir = outcome.scan?.bundleDir;
  const files = dir === undefined ? [] : filesOf(dir).map((path) => readFileSync(join(dir, path), 'latin1'));
  return { outcome, seen: [JSON.stringify(events), JSON.stringify(outcome), ...files].join('\n') };
}

const codes = ({ outcome }: Ran): string[] =>
  outcome.diagnostics.filter(({ level }) => level === 'error').map(({ code }) => code);

async function verified(world: SignedWorld, ran: Ran, key = world.pub) {
  const result = await verifyBundle({ cwd: world.root, bundle: `${ran.outcome.scan?.bundleDir}`, key });
  return result.ok ? result.value.failures.map(({ code }) => code) : ['refused'];
}

describe('signing with a key', () => {
  it.each(['pkcs8', 'sec1', 'ed25519'] as const)(
    '%s gives a bundle that verifies, and nothing of the key',
    async (form) => {
      const key = keyPair(form);
      const world = open({}, key);
      const ran = await run(world);
      expect(ran.outcome.exitCode).toBe(0);
      expect(await verified(world, ran)).toEqual([]);
      for (const line of key.pem.split('\n').filter((text) => text.length > 10 && !text.startsWith('-')))
        expect(ran.seen).not.toContain(line);
    },
  );

  it("takes cosign's own key with its password, and leaks neither", async () => {
    const sources = { KEY: 'file:signing.key', PASSWORD: 'env:PASSWORD', AK: 'env:AK' };
    const evidence = { sign: { key: 'KEY', password: 'PASSWORD' }, required: true };
    const delivery = { s3: [{ bucket: 'b', accessKey: 'AK', secretKey: 'AK', optional: true }] };
    const world = open({ secrets: sources, evidence, delivery });
    writeFileSync(join(world.workspace, 'signing.key'), COSIGN_KEY);
    writeFileSync(world.pub, COSIGN_PUB);
    const ran = await run(world, { PASSWORD: COSIGN_PASSWORD });
    expect(ran.outcome.exitCode).toBe(0);
    expect(await verified(world, ran)).toEqual([]);
    expect(ran.seen).not.toContain(COSIGN_PASSWORD);
    for (const line of COSIGN_KEY.split('\n').slice(1, -2)) expect(ran.seen).not.toContain(line);
    const wrong = await run(world, { PASSWORD: 'hunter-22' });
    expect([wrong.outcome.exitCode, codes(wrong), wrong.outcome.scan]).toEqual([2, ['SP6006'], undefined]);
    expect(wrong.seen).not.toContain('hunter-22');
    expect(codes(await run(world))).toEqual(['SP2014']);
  });

  it.each([
    ['no delivery', {}],
    ['an empty one', { delivery: { s3: [] } }],
    ['a message alone', { notify: [{ webhook: 'https://example.org/x' }] }],
  ])('required evidence with %s goes nowhere: exit 2, and nothing starts', async (_, over) => {
    const evidence = { sign: { key: 'KEY' }, required: true };
    const ran = await run(open({ evidence, ...over }));
    expect([ran.outcome.exitCode, codes(ran), ran.outcome.scan]).toEqual([2, ['SP6060'], undefined]);
    expect(ran.seen).not.toContain('stage-started');
  });

  it('refuses what cannot sign before anything starts', async () => {
    for (const text of ['no key', keyPair().pub, COSIGN_KEY, COSIGN_KEY.replace(/[A-Z]{3}/g, 'AAA')]) {
      const world = open();
      writeFileSync(join(world.workspace, 'signing.key'), text);
      const ran = await run(world);
      expect([ran.outcome.exitCode, codes(ran)]).toEqual([2, ['SP6006']]);
      expect(ran.seen).not.toContain('stage-started');
    }
    const huge = COSIGN_KEY.replace('eyJrZGYi', 'x');
    expect(readPrivateKey(`${huge}${'A'.repeat(20_000)}`, 'x', 'KEY').ok).toBe(false);
  });

  it('takes secrets of a plan file from the environment by their names', async () => {
    const world = open();
    const first = await run(world);
    const plan = join(world.root, 'plan.json');
    writeFileSync(plan, readFileSync(join(`${first.outcome.scan?.bundleDir}`, 'plan.json')));
    const options = { plan, workspace: world.workspace, profile: undefined };
    const ran = await run(world, { KEY: world.key.pem }, options);
    expect(await verified(world, ran)).toEqual([]);
    expect(codes(await run(world, {}, options))).toEqual(['SP2014']);
  });
});

/** A program outside the workspace; `body` has the bytes to sign as `input`. */
function program(world: SignedWorld, body: string, path = join(world.root, 'kms-sign')): string {
  writeFileSync(
    path,
    `#!${process.execPath}\nconst { readFileSync } = require('node:fs');\nconst { sign } = require('node:crypto');\nconst input = readFileSync(0);\n${body}\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

const SIGN = `const made = sign('sha256', input, process.env.TEST_KEY);`;

describe('signing with a command', () => {
  const withCommand = (): SignedWorld => {
    const world = open();
    const command = [join(world.root, 'kms-sign'), '--key', 'x; rm -rf /'];
    world.write(
      'secplan.json',
      readFileSync(join(world.workspace, 'secplan.json'), 'utf8').replace(
        '{"key":"KEY"}',
        JSON.stringify({ command }),
      ),
    );
    return world;
  };

  it.each([
    ['raw', `${SIGN} process.stdout.write(made);`],
    ['base64', `${SIGN} console.log(made.toString('base64'));`],
  ])('takes a %s signature', async (_, body) => {
    const world = withCommand();
    program(world, body);
    const ran = await run(world, { TEST_KEY: world.key.pem });
    expect(ran.outcome.scan?.signature.state).toBe('signed');
    expect(await verified(world, ran)).toEqual([]);
  });

  it.each([
    [
      'fails',
      'process.stderr.write("no such key in the vault"); process.exit(3);',
      'exit code 3: no such key',
    ],
    ['writes nothing', '', 'wrote nothing'],
    ['writes without end', 'process.stdout.write(Buffer.alloc(1 << 20));', 'wrote more than 65536 bytes'],
  ])('that %s leaves an unsigned bundle that says so, and exit 3', async (_, body, why) => {
    const world = withCommand();
    program(world, body);
    const ran = await run(world);
    expect([ran.outcome.exitCode, codes(ran)]).toEqual([3, ['SP6007']]);
    expect(ran.outcome.scan?.verdict.outcome).toBe('pass');
    const dir = `${ran.outcome.scan?.bundleDir}`;
    expect(readFileSync(join(dir, 'attestation.unsigned.json'), 'utf8')).toContain(why);
    expect(filesOf(dir).filter((path) => path.includes('sigstore'))).toEqual([]);
    expect(await verified(world, ran)).toEqual(['SP6013']);
    const keyless = await verifyBundle({ cwd: world.root, bundle: dir });
    expect(keyless.ok && keyless.value.verified).toBe(false);
  });

  it('that is not there, or lies in the scanned tree, is refused before anything starts', async () => {
    const world = withCommand();
    expect(codes(await run(world))).toEqual(['SP6009']);
    const manifest = join(world.workspace, 'secplan.json');
    program(world, SIGN, join(world.workspace, 'sign.cjs'));
    writeFileSync(
      manifest,
      readFileSync(manifest, 'utf8').replace(join(world.root, 'kms-sign'), './sign.cjs'),
    );
    const inside = await run(world);
    expect([inside.outcome.exitCode, codes(inside)]).toEqual([2, ['SP6009']]);
  });
});

describe('a transparency log', () => {
  it('that takes no entry fails the signing, and --offline refuses it beforehand', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.statusCode = 400;
      response.end('{"code":400,"message":"no"}');
    });
    await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const world = open({ evidence: { sign: { key: 'KEY' }, rekor: url } });
      expect(codes(await run(world))).toEqual(['SP6008']);
      expect(asked).toEqual([]);
      const ran = await run(world, {}, { offline: false });
      expect([ran.outcome.exitCode, codes(ran)]).toEqual([3, ['SP6007']]);
      expect(asked).toEqual(['POST /api/v1/log/entries']);
    } finally {
      server.close();
    }
  });
});

describe('keyless', () => {
  it('needs an identity; one that the authority refuses fails the signing and does not leak', async () => {
    const server = createServer((_, response) => {
      response.statusCode = 403;
      response.end('{"message":"no"}');
    });
    await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
    try {
      const fulcio = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const world = open({ evidence: { sign: { keyless: true, fulcio } } });
      expect(codes(await run(world, {}, { offline: false }))).toEqual(['SP6006']);
      const claims = Buffer.from('{"sub":"ann","iss":"https://issuer.example"}').toString('base64url');
      const token = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.c2lnbmF0dXJl`;
      for (const given of [token, 'not-a-token-at-all']) {
        const ran = await run(world, { SIGSTORE_ID_TOKEN: given }, { offline: false });
        expect([ran.outcome.exitCode, codes(ran)]).toEqual([3, ['SP6007']]);
        expect(ran.seen).not.toContain(given);
      }
    } finally {
      server.close();
    }
  });
});
