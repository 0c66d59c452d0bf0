import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliPlace, cliPlace } from '../../support/cli.ts';
import { manifestOf, SCANNER } from '../../support/custom-world.ts';
import { documentFaults } from '../../support/json-documents.ts';

// Every document of `--json` names its schema, `secplan schema` prints that schema, and the document holds by it.

const CLI = new URL('../../../src/cli/', import.meta.url).pathname;
const CASES = new URL('../../../src/stages/', import.meta.url).pathname;

/** The names that commands give to `console.document`. */
const NAMES = readdirSync(CLI, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => [
    ...readFileSync(join(CLI, file), 'utf8').matchAll(/\bdocument\(\s*(?:'([a-z-]+)'|([^)\s:][^,\s]*),)/g),
  ])
  .map(([, name, other]) => name ?? `not a literal: ${other}`);
const PRINTED = [...new Set(NAMES)].sort();
const PROFILE = ['--profile', 'own'];

type Try = readonly [args: readonly string[], schema: string, exit?: number];

/** In this order; later ones read what earlier ones left. */
const TRIES: readonly Try[] = [
  [['run', ...PROFILE, '--timings'], 'run'],
  [['run', '--profile', 'none'], 'error', 2],
  [['run', '--nonsense'], 'error', 2],
  [['compile', ...PROFILE, '-o', 'plan.json'], 'compiled'],
  [['compile', ...PROFILE], 'plan'],
  [['plan', ...PROFILE, '--against', 'plan.json'], 'plan-changes'],
  [['plan', ...PROFILE], 'plan'],
  [['check'], 'check'],
  [['check', '--at', '2099-01-01'], 'check'],
  [['findings'], 'findings'],
  [['explain', 'SP2001'], 'explanation'],
  [['explain', 'timeout'], 'explanation'],
  [['explain', 'fixme'], 'explanation'],
  [['explain', 'bandit'], 'tool'],
  [['explain', 'FINDING'], 'explanation'],
  [['verify'], 'verification'],
  [['why', 'mine', ...PROFILE], 'why'],
  [['baseline', 'create'], 'baseline-written'],
  [['baseline', 'prune'], 'baseline-written'],
  [['golden', 'update'], 'golden-update'],
  [['golden', 'check'], 'golden-report'],
  [['deliver', '--outbox', 'outbox'], 'error', 2],
  [['parse', 'ruff', `${CASES}ruff/cases/findings/raw.report.sarif`], 'parsed'],
  [['parse', 'ruff', 'a.txt'], 'parsed', 4],
  [['tools', 'list'], 'tools'],
  [['tools', 'show', 'bandit'], 'tool'],
  [['tools', 'install', ...PROFILE], 'tools-install'],
  [['cache', 'stats'], 'cache-stats'],
  [['cache', 'verify'], 'cache-verify'],
  [['cache', 'prune'], 'cache-prune'],
  [['doctor', ...PROFILE], 'doctor'],
  [['trust'], 'trust'],
  [['trust', '--list'], 'trusted'],
  [['trust', '--revoke'], 'trust'],
  [['init', '--dry-run'], 'error', 2],
];

/** Documents that a command prints only where there is a registry or a receiver; tests of those hold them to what they say. */
const NEEDS_NETWORK: ReadonlySet<string> = new Set(['tools-bundle', 'tools-locked', 'delivery']);

describe('documents of --json', () => {
  let place: CliPlace;
  beforeAll(() => {
    place = cliPlace();
    writeFileSync(join(place.dir, 'scan.py'), SCANNER);
    chmodSync(join(place.dir, 'scan.py'), 0o755);
    writeFileSync(join(place.dir, 'a.txt'), 'FIXME\n');
    writeFileSync(join(place.dir, 'secplan.json'), JSON.stringify(manifestOf()));
  });
  afterAll(() => place?.[Symbol.dispose]());

  test('are each named by a literal and tried here', () => {
    const tried = new Set(['init', ...TRIES.map(([, schema]) => schema)]);
    expect(PRINTED.length).toBeGreaterThan(20);
    expect(PRINTED.filter((name) => !tried.has(name) && !NEEDS_NETWORK.has(name))).toEqual([]);
  });

  test.each(PRINTED)('%s has a schema that secplan prints, by name and by id', async (name) => {
    const id = `https://secplan.dev/schema/${name}/v1`;
    const printed = await place.secplan(['schema', name]);
    expect([printed.code, printed.stderr]).toEqual([0, '']);
    expect(JSON.parse(printed.stdout)).toMatchObject({ $id: id });
    expect((await place.secplan(['schema', id])).stdout).toBe(printed.stdout);
  });

  test('of init is a sound init', async () => {
    using empty = cliPlace();
    const { code, stdout } = await empty.secplan(['init', '--json']);
    expect([code, documentFaults(JSON.parse(stdout))]).toEqual([0, []]);
  });

  test.each(TRIES.map((one): [string, Try] => [one[0].join(' '), one]))(
    'of %s holds by its schema',
    async (_, [args, schema, exit]) => {
      const asked = await Promise.all(args.map((arg) => (arg === 'FINDING' ? firstFingerprint(place) : arg)));
      const { code, stdout, stderr } = await place.secplan([...asked, '--json']);
      const document = JSON.parse(stdout || '{}');
      expect([document.schema, code, stderr]).toEqual([
        `https://secplan.dev/schema/${schema}/v1`,
        exit ?? expect.any(Number),
        expect.not.stringContaining('"bug"'),
      ]);
      expect(documentFaults(document)).toEqual([]);
      // A document that lacks what it promises would be noticed.
      expect(documentFaults({ schema: document.schema })).not.toEqual([]);
    },
  );
});

async function firstFingerprint(place: CliPlace): Promise<string> {
  const { stdout } = await place.secplan(['findings', '--json']);
  return JSON.parse(stdout).findings[0].fingerprint;
}
