import { beforeAll, describe, expect, it } from 'vitest';
import { ENCODINGS } from '../support/planted/encodings.ts';
import { FILE_KINDS } from '../support/planted/file-kinds.ts';
import { FILE_NAMES } from '../support/planted/file-names.ts';
import { FOLDER_NAMES } from '../support/planted/folder-names.ts';
import { type PlantedFile, plantedTree } from '../support/planted/planted-tree.ts';
import { missedFiles, type PlantedRun, runPlanted } from '../support/planted/run-planted.ts';

// Given = examined + named, on the real tools: a flaw stands in a file of each folder, name and encoding, and is found
// there, or the file is named. A scanner that is believed when it says "read" is found out by the flaw that it did not see.

/** Every file is given to these in the test command; of the others' every ninth, and all of them in `just conform`. */
const FAST = ['ruff', 'bandit', 'flawfinder', 'cppcheck', 'hadolint', 'zizmor', 'gitleaks', 'presidio'];
const SLOW = ['detect-secrets', 'opengrep', 'checkov', 'trivy-config', 'trivy-fs'];
const EVERY = process.env.SECPLAN_TEST_EVERY_FILE === 'all' ? 1 : 9;

/** What a scanner leaves out by a general line of `notChecked`, or does not see for a reason that stands in docs/decisions/0086-what-a-file-holds.md. */
const KNOWN: Readonly<Record<string, RegExp>> = {
  gitleaks: /(?:^|\/)node_modules\//,
  'trivy-fs': /(?:^|\/)node_modules\//,
  // Semgrep reads Python 2 without a word and matches nothing in it; Ruff and Bandit name the file.
  opengrep: /\/python-2\.py$/,
};

const tree = plantedTree();
const sample = tree.filter((_, at) => at % EVERY === 0);
let runs: ReadonlyMap<string, PlantedRun>;

beforeAll(async () => {
  const own = (stages: readonly string[]) => (file: PlantedFile) =>
    file.kind.stages.some((stage) => stages.includes(stage));
  runs = new Map([
    ...(await runPlanted(tree.filter(own(FAST)), FAST)),
    ...(await runPlanted(sample.filter(own(SLOW)), SLOW)),
  ]);
}, 900_000);

it('there are as many folders, names and encodings as promised, and every scanner of the kinds is asked', () => {
  expect(new Set(FOLDER_NAMES).size).toBeGreaterThanOrEqual(128);
  expect(new Set(FILE_NAMES).size).toBeGreaterThanOrEqual(40);
  expect(new Set(ENCODINGS.map(({ name }) => name)).size).toBeGreaterThanOrEqual(20);
  expect([...FAST, ...SLOW].sort()).toEqual([...new Set(FILE_KINDS.flatMap(({ stages }) => stages))].sort());
});

it('a scanner that is silent about a file whose flaw it did not find is told', () => {
  const files = ['found', 'named', 'partly', 'believed'].map((path) => ({ path, flawed: true }));
  const run = {
    found: new Set(['found']),
    named: new Map([['named', 'not-understood' as const]]),
    inPart: new Set(['partly']),
  };
  expect(missedFiles([...files, { path: 'empty', flawed: false }], run)).toEqual(['believed']);
});

describe.each([...FAST, ...SLOW])('%s', (stage) => {
  const files = (FAST.includes(stage) ? tree : sample).filter(({ kind }) => kind.stages.includes(stage));
  const of = () =>
    runs.get(stage) ?? { state: 'absent', found: new Set(), named: new Map(), inPart: new Set() };

  it('runs, though there are files that it cannot read', () => expect(of().state).toBe('done'));

  it('names no file without a reason', () => {
    const silent = [...of().named].filter(([, kind]) => kind === 'silent');
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  it('finds the flaw in each file, or names the file', () => {
    const missed = missedFiles(files, of()).filter((path) => !KNOWN[stage]?.test(path));
    expect(missed).toEqual([]);
  });

  it('reads most of them', () => expect(of().found.size).toBeGreaterThan(files.length * 0.75));
});
