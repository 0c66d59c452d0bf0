import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UnexaminedList } from '../../src/policy/unexamined.ts';
import { type ExampleWorkspace, exampleWorkspace } from './workspace.ts';

// Given = examined + named, on the real tools: a flaw stands in a file of each folder and of each name, and is found there
// or the file is named. Encodings are what scanners differ in most.
const FLAW = 'import subprocess, sys\nsubprocess.call(sys.argv[1], shell=True)\n';
const FOLDERS = (
  'dist venv .venv _build buck-out .vscode .pyenv .pytype .pants.d .git-rewrite .cache node_modules site-packages .tox .nx ' +
  '.gradle .terraform __pycache__ build target vendor test tests docs env .eggs .mypy_cache .hg .svn .direnv .ruff_cache ' +
  'dev proc sys .nox __pypackages__ .ipynb_checkpoints .idea examples .next .nuxt'
).split(' ');
const NAMES = [
  ...[
    'sp ace',
    'café',
    'new\nline',
    '-dash',
    '--help',
    'quo"te',
    "apo's",
    'pct%20',
    'saf%65',
    'safe',
    'semi;colon',
  ],
  ...[
    'star*',
    'back\\slash',
    'trail ',
    '日本',
    'a:b',
    'a: b',
    '#hash',
    '[br]',
    '$(id)',
    'tab\t',
    '{a,b}',
    '!bang',
  ],
  ...[
    '@at',
    '~tilde',
    '.dot',
    'bell\u0007',
    'esc\u001b[31m',
    'comb\u0301',
    '\u202ertl',
    'a&b',
    'a|b',
    '<x>',
    'q?',
  ],
];
const TEXTS: Readonly<Record<string, Buffer>> = {
  'latin-1': Buffer.from(`# -*- coding: latin-1 -*-\nx = "\u00e9"\n${FLAW}`, 'latin1'),
  'utf-16': Buffer.from(`\ufeff${FLAW}`, 'utf16le'),
  'utf-8-mark': Buffer.from(`\ufeff${FLAW}`),
  nul: Buffer.from(`x = 1\n\0\n${FLAW}`),
  crlf: Buffer.from(FLAW.replaceAll('\n', '\r\n')),
  syntax: Buffer.from(`def (:\n${FLAW}`),
  deep: Buffer.from(`x = ${'1+'.repeat(1200)}1\n${FLAW}`),
};
const FILES = new Map<string, string | Buffer>([
  ...FOLDERS.map((folder) => [`${folder}/m.py`, FLAW] as const),
  ...NAMES.map((name) => [`names/${name}.py`, FLAW] as const),
  ...Object.entries(TEXTS).map(([name, text]) => [`texts/${name}.py`, text] as const),
]);
const STAGES = ['ruff', 'bandit', 'detect-secrets'];

let place: ExampleWorkspace;
let bundle: string;
let list: UnexaminedList;

beforeAll(async () => {
  place = exampleWorkspace('light-python');
  const manifest = {
    apiVersion: 'secplan/v1',
    metadata: { name: 'files' },
    profiles: { every: { tools: { enable: STAGES } } },
  };
  writeFileSync(join(place.dir, 'secplan.json'), JSON.stringify(manifest));
  for (const [path, content] of FILES) {
    mkdirSync(dirname(join(place.dir, path)), { recursive: true });
    writeFileSync(join(place.dir, path), content);
  }
  place.commit();
  await place.secplan('run', '--profile', 'every');
  bundle = place.latest();
  list = JSON.parse(readFileSync(join(bundle, 'unexamined.json'), 'utf8'));
}, 300_000);
afterAll(() => place?.[Symbol.dispose]());

describe('every file that a scanner is given', () => {
  it('was read, or is named with a reason', () => {
    expect(list.files.filter(({ why }) => why.kind === 'silent')).toEqual([]);
  });

  it.each(['ruff', 'bandit'])('has its flaw found by %s, or is named', (stage) => {
    const sarif = JSON.parse(readFileSync(join(bundle, `reports/sast/${stage}.sarif`), 'utf8'));
    const found = new Set<string>(
      sarif.runs[0].results.map(
        ({ locations }: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }) =>
          decodeURIComponent(locations[0]?.physicalLocation.artifactLocation.uri ?? ''),
      ),
    );
    const named = new Set(list.files.filter((file) => file.stage === stage).map(({ path }) => path));
    expect([...FILES.keys()].filter((path) => !found.has(path) && !named.has(path))).toEqual([]);
    expect(named, 'what it cannot parse').toContain('texts/syntax.py');
  });
});
