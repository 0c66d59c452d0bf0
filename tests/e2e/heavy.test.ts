import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUILT_IN_PROFILES } from '../../src/compiler/names/profiles.ts';
import type { Summary } from '../../src/evidence/bundle/summary.ts';
import type { Verdict } from '../../src/policy/verdict.ts';
import type { CliResult } from '../support/cli.ts';
import { processesWith } from '../support/processes.ts';
import { describeGolden, updatedGolden } from './golden-plants.ts';
import { type ExampleWorkspace, exampleWorkspace, filesBelow, ROOT, readJson } from './workspace.ts';

// A fresh machine installs the scanners first, which takes minutes, once.
const INSTALL_MS = 20 * 60_000;
const POSTGRES =
  existsSync('/usr/lib/postgresql') &&
  readdirSync('/usr/lib/postgresql').some((version) =>
    existsSync(`/usr/lib/postgresql/${version}/bin/initdb`),
  );
const SECRETS = ['only-for-this-example-db', 'only-for-this-example-token'];

const DONE = [
  ...['bandit', 'checkov', 'conftest', 'detect-secrets', 'hadolint', 'license-audit', 'newman:shop'],
  ...['opengrep', 'presidio:samples', 'ruff', 'schemathesis:shop', 'stack-probe:shop', 'syft'],
  ...['trivy-config', 'trivy-fs', 'trivy-image:shop-image'],
];
/** Nothing of theirs is in the example. */
const NOT_APPLICABLE = ['brakeman', 'cppcheck', 'flawfinder', 'psalm', 'zizmor'];

if (!POSTGRES)
  console.error('SKIPPED: tests/e2e/heavy.test.ts needs PostgreSQL (apt-get install postgresql)');

describe.skipIf(!POSTGRES)('heavy on a real stack', () => {
  let place: ExampleWorkspace;
  let run: CliResult;
  let bundle: string;
  let verdict: Verdict;
  let publicKey: string;
  const findings = (tool: string) =>
    readJson<Sarif>(bundle, `reports/api/${tool}.shop.sarif`).runs.flatMap(({ results }) => results);

  beforeAll(async () => {
    place = exampleWorkspace('heavy-stack');
    const pair = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    publicKey = join(place.dir, '../key.pub');
    writeFileSync(publicKey, pair.publicKey);
    writeFileSync(join(place.dir, '../key.pem'), pair.privateKey, { mode: 0o600 });
    const manifest = join(place.dir, 'secplan.yaml');
    const text = readFileSync(manifest, 'utf8').replace('secrets:\n', 'secrets:\n  KEY: env:KEY\n');
    writeFileSync(manifest, text);
    appendFileSync(manifest, 'evidence: {sign: {key: KEY}}\n');
    run = await place.secplanWith(
      { KEY: pair.privateKey },
      ...[
        'run',
        '--profile',
        'quick-heavy',
        '--trust-workspace',
        '--databases',
        join(ROOT, 'tests/support/databases'),
      ],
    );
    bundle = place.latest();
    verdict = readJson<Verdict>(bundle, 'verdict.json');
    if (verdict.incomplete.length === 0) await updatedGolden({ name: 'heavy', bundle });
  }, INSTALL_MS);
  afterAll(() => place?.[Symbol.dispose]());

  it('runs every scanner that has something to look at, and says of each other why not', () => {
    const of = (state: string) =>
      verdict.coverage.entries.filter((entry) => entry.state === state).map(({ id }) => id);
    expect(of('incomplete')).toEqual([]);
    expect(of('not-applicable').sort()).toEqual(expect.arrayContaining(NOT_APPLICABLE));
    expect(of('done')).toEqual(expect.arrayContaining(DONE));
    for (const { id, state, detail } of verdict.coverage.entries)
      if (state !== 'done') expect(detail, id).not.toBe('');
    expect(verdict).toMatchObject({ outcome: 'fail', exitCode: 1, partial: false });
    expect(run.code, run.stderr).toBe(1);
  });

  it('leaves no scanner of heavy unmentioned, whatever the profile turns off', () => {
    const tools = new Set(verdict.coverage.entries.map(({ tool }) => tool));
    const promised = ['heavy', 'full', 'standard', 'medium', 'fast', 'smoke'].flatMap(
      (name) => BUILT_IN_PROFILES.get(name)?.enable ?? [],
    );
    expect(promised.filter((tool) => !tools.has(tool as never))).toEqual([]);
    const off = verdict.coverage.entries.filter(({ tool }) => ['gosec', 'gitleaks'].includes(tool));
    expect(off.map(({ state }) => state)).toEqual(['disabled', 'disabled']);
  });

  it('finds the planted flaws of the API as breaches of its contract and of its collection', () => {
    const contract = findings('schemathesis');
    expect(contract.every(({ ruleId }) => ruleId.startsWith('contract/'))).toBe(true);
    const said = contract.map(({ ruleId, message }) => `${ruleId} ${message.text}`);
    expect(said).toEqual(
      expect.arrayContaining([
        expect.stringContaining('contract/server-error GET /items'),
        expect.stringContaining('contract/server-error POST /orders'),
        expect.stringContaining('contract/no-response'),
      ]),
    );
    // Two planted, and no more: with the target's token, and on the request that asks for none without it.
    expect(
      findings('newman')
        .map(({ message }) => message.text)
        .sort(),
    ).toEqual(['an odd order: is refused, not a crash', 'items by name: forbids sniffing']);
  });

  it('finds the planted package in the source and in the image', () => {
    const where = (tool: string) => readFileSync(join(bundle, `reports/${tool}.sarif`), 'utf8');
    for (const report of ['sca/trivy-fs', 'container/trivy-image.shop-image'])
      expect(where(report)).toContain('CVE-2020-14343');
    const summary = readJson<Summary>(bundle, 'summary.json');
    expect(summary.sbom).toMatchObject({ top: [{ name: 'pyyaml', version: '5.3.1' }] });
  });

  it('holds reports of each target, both SBOMs, licences, privacy and what the services said', () => {
    const files = filesBelow(bundle);
    expect(files).toEqual(
      expect.arrayContaining([
        ...['findings.sarif', 'ruff.txt', 'licenses.json', 'report.html', 'timeline.svg'],
        ...['reports/api/schemathesis.shop.sarif', 'reports/api/newman.shop.sarif'],
        ...['reports/dast/stack-probe.shop.sarif', 'reports/container/trivy-image.shop-image.sarif'],
        ...['sbom/source.cdx.json', 'sbom/source.spdx.json', 'privacy/presidio.samples.sarif'],
        ...['api', 'db', 'search', 'store'].map((name) => `logs/service.${name}.log`),
      ]),
    );
    expect(readJson(bundle, 'sbom/source.cdx.json')).toMatchObject({ bomFormat: 'CycloneDX' });
    expect(readJson(bundle, 'sbom/source.spdx.json')).toMatchObject({ spdxVersion: 'SPDX-2.3' });
    expect(readFileSync(join(bundle, 'logs/service.db.log'), 'utf8')).toContain(
      'ready to accept connections',
    );
    // What the flaw sends to the database, the database tells: the stack behind the API is the real one.
    expect(readFileSync(join(bundle, 'logs/service.db.log'), 'utf8')).toContain(
      'SELECT id, name, cents FROM items',
    );
  });

  it('keeps what opens the stack to itself, and leaves nothing running', () => {
    const key = readFileSync(join(place.dir, '../key.pem'), 'utf8').split('\n')[1] ?? '';
    expect(key.length).toBeGreaterThan(40);
    for (const path of filesBelow(bundle)) {
      const text = readFileSync(join(bundle, path), 'latin1');
      for (const secret of [...SECRETS, key]) expect(text.includes(secret), `${path}: ${secret}`).toBe(false);
    }
    expect(processesWith(place.dir)).toEqual([]);
  });

  describeGolden('heavy', () => ({
    name: 'heavy',
    bundle,
    tool: 'schemathesis:shop',
    report: 'reports/api/schemathesis.shop.raw.json',
    lose: ({ failures }) => failures[0].operations.pop(),
  }));

  it('is signed, verifies with its key, and no longer once a report is altered', async () => {
    expect(existsSync(join(bundle, 'attestation.sigstore.json'))).toBe(true);
    const verify = () => place.secplan('verify', bundle, '--key', publicKey);
    const held = await verify();
    expect(held.code, held.stderr).toBe(0);
    const report = join(bundle, 'reports/api/newman.shop.sarif');
    execFileSync('chmod', ['-R', 'u+w', bundle]);
    appendFileSync(report, '\n');
    expect((await verify()).code).toBe(6);
  });
});

interface Sarif {
  readonly runs: readonly {
    readonly results: readonly { readonly ruleId: string; readonly message: { readonly text: string } }[];
  }[];
}
