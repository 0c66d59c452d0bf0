import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BY_HAND } from '../support/planted/by-hand.ts';
import { FILE_ENDINGS, WHOLE_NAMES } from '../support/planted/file-endings.ts';
import { FILE_KINDS } from '../support/planted/file-kinds.ts';
import { type PlantedRun, runPlanted } from '../support/planted/run-planted.ts';

// A selection is what the tool reads: each kind of flaw stands in a file of each ending, and what a tool finds by hand it
// finds under secplan, or the file is named.

/** The rest is run in `just conform`. */
const SLOW = new Set(['opengrep', 'trivy-fs', 'checkov']);
const STAGES = Object.keys(BY_HAND).filter(
  (stage) => process.env.SECPLAN_TEST_EVERY_FILE === 'all' || !SLOW.has(stage),
);
/** What its built-in rules leave out, which a line of `notChecked` says; by hand too, but for the endings of these. */
const PYTHON = FILE_KINDS.find(({ id }) => id === 'python')?.text ?? '';
const SCRIPTS: Readonly<Record<string, string>> = {
  'bin/plain': `#!/usr/bin/python3\n${PYTHON}`,
  'bin/by-env': `#!/usr/bin/env python\n${PYTHON}`,
  'bin/split': `#!/usr/bin/env -S python3.12 -u\n${PYTHON}`,
  'bin/.hidden': `#! /opt/bin/pypy3\n${PYTHON}`,
};
/** Read by nobody by hand, and of these scanners: endings in capitals, of servers, of Cython; variants of Dockerfiles. */
const READ: Readonly<Record<string, readonly string[]>> = {
  ruff: ['python/x.PY', 'python/x.pyw', 'python/x.pyx', 'python/x.wsgi', ...Object.keys(SCRIPTS)],
  bandit: ['python/x.PY', 'python/x.pyw', 'python/x.pyx', 'python/x.wsgi', ...Object.keys(SCRIPTS)],
  flawfinder: words('c', 'inl tpp hh cu m ino Cpp HPP cl'),
  cppcheck: words('c', 'tpp hh CC Cpp CXX inl HPP cl'),
  gitleaks: words('token', 'txt yaml md log jar'),
  'detect-secrets': [...words('token', 'svg doc png pdf ttf bin'), 'token/package-lock.json', 'token/.env'],
  hadolint: [
    ...words('dockerfile', 'Dockerfile dockerfile DOCKERFILE Containerfile containerfile'),
    ...[
      'Dockerfile',
      'DOCKERFILE',
      'Containerfile',
      'Dockerfile.prod',
      'Dockerfile-dev',
      'Dockerfile_dev',
    ].map((name) => `dockerfile/${name}`),
  ],
};

const FILES = FILE_KINDS.flatMap((kind) => {
  const folder = kind.id === 'workflow' ? 'workflow/.github/workflows' : kind.id;
  return [...FILE_ENDINGS.map((ending) => `x.${ending}`), ...WHOLE_NAMES].map((name) => ({
    ...{ path: `${folder}/${name}`, content: Buffer.from(kind.text) },
  }));
}).concat(Object.entries(SCRIPTS).map(([path, text]) => ({ path, content: Buffer.from(text) })));

let base: string;
let runs: ReadonlyMap<string, PlantedRun>;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'secplan-by-hand-'));
  mkdirSync(join(base, 'out'));
  for (const { path, content } of FILES) {
    mkdirSync(dirname(join(base, 'tree', path)), { recursive: true });
    writeFileSync(join(base, 'tree', path), content);
  }
  runs = await runPlanted(FILES, [...STAGES, 'hadolint']);
}, 600_000);
afterAll(() => rmSync(base, { recursive: true, force: true }));

it('there are 60 endings at least', () => {
  expect(new Set(FILE_ENDINGS).size).toBeGreaterThanOrEqual(60);
});

describe('what a tool finds by hand it finds under secplan, or the file is named', () => {
  it.each(STAGES)('%s', { timeout: 300_000 }, (stage) => {
    const run = runs.get(stage);
    const hand = (BY_HAND[stage]?.(join(base, 'tree'), join(base, 'out')) ?? []).map((path) =>
      path.replace(`${join(base, 'tree')}/`, '').replace(/^\.\//, ''),
    );
    const planted = new Set(FILES.map(({ path }) => path));
    const own = [...new Set(hand)].filter((path) => planted.has(path));
    expect(own.length, 'found by hand').toBeGreaterThan(0);
    expect(run?.state).toBe('done');
    expect(own.filter((path) => run?.found.has(path) !== true && run?.named.has(path) !== true)).toEqual([]);
  });
});

describe('files that no user finds by hand, and that hold what the tool reads', () => {
  it.each(Object.entries(READ))('%s', (stage, paths) => {
    const run = runs.get(stage);
    expect(paths.filter((path) => run?.found.has(path) !== true)).toEqual([]);
  });
});

function words(folder: string, endings: string): string[] {
  return endings.split(' ').map((ending) => `${folder}/x.${ending}`);
}
