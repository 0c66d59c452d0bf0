import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url).pathname;
/** The same text in a recorded tree and in our own code: an unused variable, an import of what is not there, a test. */
const TEXT =
  "import { nothing } from './absent.ts';\nimport { it } from 'vitest';\nvar unused = nothing;\nit('x', () => {});\n";
const RECORDED = [
  'src/stages/ruff/cases/findings/workspace/app.test.ts',
  'src/stages/ruff/cases/clean/workspace/src/index.ts',
];
const OURS = ['src/stages/ruff/planted.ts', 'tests/planted.test.ts'];

let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'secplan-trees-'));
  const parts = [
    'package.json',
    'tsconfig.json',
    'biome.json',
    'vitest.config.ts',
    '.gitignore',
    '.dependency-cruiser.cjs',
  ];
  for (const part of [...parts, 'scripts/typescript-6.mjs'])
    cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  for (const path of [...RECORDED, ...OURS]) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), TEXT);
  }
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

function says(program: string, ...args: string[]): string {
  const ran = spawnSync(join(ROOT, 'node_modules/.bin', program), args, {
    cwd: copy,
    encoding: 'utf8',
    env: {
      ...process.env,
      NO_COLOR: '1',
      NODE_OPTIONS: program === 'depcruise' ? '--import ./scripts/typescript-6.mjs' : '',
    },
  });
  return ran.stdout + ran.stderr;
}

it.each([
  ['the compiler', OURS, ['tsc', '--listFilesOnly', '-p', 'tsconfig.json']],
  ['the linter', OURS, ['biome', 'check', '.']],
  ['the test runner', OURS.slice(1), ['vitest', 'list', '--filesOnly']],
  [
    'the import rules',
    OURS.slice(0, 1),
    ['depcruise', '--config', '.dependency-cruiser.cjs', '--output-type', 'text', 'src'],
  ],
] as const)('recorded trees are no source code to %s, which sees ours', (_, ours, [program, ...args]) => {
  const output = says(program, ...args);
  for (const path of ours) expect(output).toContain(path);
  for (const path of RECORDED) expect(output).not.toContain(path);
});
