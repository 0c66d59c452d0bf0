import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { folderCycles, importsBelow } from '../support/folder-cycles.ts';

const root = new URL('../../', import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), 'secplan-architecture-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Cruise {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly {
      readonly rule: { readonly name: string };
      readonly from: string;
      readonly to: string;
    }[];
  };
}

function cruise(folder: string): Cruise {
  const program = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs');
  const args = [
    '--import',
    join(root, 'scripts', 'typescript-6.mjs'),
    program,
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'json',
    'src',
  ];
  let text: string;
  try {
    text = execFileSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    // Violations make it exit with their number; the report is on stdout all the same.
    text = (error as { stdout?: string }).stdout ?? '';
    if (!text.startsWith('{')) throw error;
  }
  return JSON.parse(text) as Cruise;
}

/** A copy of the sources with one planted file each. */
function planted(file: string, content: string): Cruise {
  const copy = mkdtempSync(join(scratch, 'copy-'));
  cpSync(join(root, 'src'), join(copy, 'src'), {
    recursive: true,
    filter: (path) => !path.includes('/cases'),
  });
  for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs'])
    cpSync(join(root, name), join(copy, name));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, file), content);
  return cruise(copy);
}

function modules(): number {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.(ts|js)$/.test(path) && !path.endsWith('.d.ts'),
  ).length;
}

describe('the rules of docs/architecture.md', () => {
  it('hold for every module', () => {
    const { summary } = cruise(root);
    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
    // dependency-cruiser says "no violations" of 0 modules when it does not understand the compiler it finds.
    expect(summary.totalCruised).toBeGreaterThanOrEqual(modules());
  });

  it.each([
    [
      'no-upward-import',
      'src/core/planted.ts',
      "import { planStages } from '../planner/plan.ts';\nexport const x = planStages;\n",
    ],
    [
      'no-upward-import',
      'src/planner/planted.ts',
      "import type { Runtime } from '../executor/ports.ts';\nexport type X = Runtime;\n",
    ],
    [
      'no-upward-import',
      'src/executor/planted.ts',
      "import type { Problem } from '../toolchain/shared/problem.ts';\nexport type X = Problem;\n",
    ],
    [
      'no-sideways-import',
      'src/lock/planted.ts',
      "import type { Clock } from '../io/clock.ts';\nexport type X = Clock;\n",
    ],
    [
      'no-sideways-import',
      'src/report/planted.ts',
      "import type { DeliveryError } from '../delivery/shared/delivery-error.ts';\nexport type X = DeliveryError;\n",
    ],
    ['no-circular', 'src/core/planted.ts', "import './planted-too.ts';\nexport const x = 1;\n"],
    [
      'no-circular',
      'src/core/planted.ts',
      "import type { Y } from './planted-too.ts';\nexport type X = Y;\n",
    ],
    [
      'catalogue-only-in-composition-roots',
      'src/executor/planted.ts',
      "import { catalogue } from '../stages/catalogue.gen.ts';\nexport const x = catalogue;\n",
    ],
    [
      'no-scanner-imports-another',
      'src/stages/ruff/planted.ts',
      "import { stage } from '../bandit/stage.ts';\nexport const x = stage;\n",
    ],
    [
      'shared-stage-code-names-no-scanner',
      'src/stages/formats/planted.ts',
      "import { stage } from '../bandit/stage.ts';\nexport const x = stage;\n",
    ],
    [
      'runtimes-stand-apart',
      'src/executor/runtimes/dagger/planted.ts',
      "import type { Warden } from '../local/sandbox/warden.ts';\nexport type X = Warden;\n",
    ],
    [
      'one-importer',
      'src/planner/planted.ts',
      "import { Command } from 'commander';\nexport const x = Command;\n",
    ],
    [
      'one-importer',
      'src/planner/diff/planted.ts',
      "import { Graph } from '@dagrejs/graphlib';\nexport const x = Graph;\n",
    ],
    [
      'no-machine-in-pure-layers',
      'src/policy/planted.ts',
      "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n",
    ],
    [
      'no-machine-in-pure-layers',
      'src/executor/judge/planted.ts',
      "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n",
    ],
  ])('%s bites', (rule, file, content) => {
    const extra =
      rule === 'no-circular'
        ? "import type { X } from './planted.ts';\nimport './planted.ts';\nexport type Y = X;\n"
        : undefined;
    const copyRule = (): Cruise => {
      if (extra === undefined) return planted(file, content);
      const copy = mkdtempSync(join(scratch, 'copy-'));
      cpSync(join(root, 'src', 'core'), join(copy, 'src', 'core'), { recursive: true });
      for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs'])
        cpSync(join(root, name), join(copy, name));
      symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
      writeFileSync(join(copy, file), content);
      writeFileSync(join(copy, 'src/core/planted-too.ts'), extra);
      return cruise(copy);
    };
    expect(copyRule().summary.violations.map((violation) => violation.rule.name)).toContain(rule);
  });
});

describe('folders', () => {
  const imports = importsBelow(join(root, 'src'));

  it('import each other one way only, types included', () => {
    expect(imports.length).toBeGreaterThan(2_000);
    expect(folderCycles(imports)).toEqual([]);
  });

  it('are found in a circle through a type, through a lazy import and through their own subfolders', () => {
    const planted = [
      { from: 'report/planted.ts', to: 'report/pages/a.ts' },
      { from: 'report/pages/a.ts', to: 'report/escape.ts' },
    ];
    expect(folderCycles([...imports, ...planted])).toEqual([['report', 'report/pages']]);
    const copy = mkdtempSync(join(scratch, 'folders-'));
    for (const [file, text] of [
      ['a/one.ts', "import type { Two } from '../b/two.ts';\nexport type One = Two;\n"],
      ['b/two.ts', "export type Two = 1;\nexport const later = () => import('../a/one.ts');\n"],
    ] as const) {
      mkdirSync(join(copy, file, '..'), { recursive: true });
      writeFileSync(join(copy, file), text);
    }
    expect(folderCycles(importsBelow(copy))).toEqual([['a', 'b']]);
  });
});

describe('house style', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.includes('.gen.') && !path.includes('cases/'),
  );

  it('keeps files short: none over 300 lines, the median under 100', () => {
    const lengths = files.map(
      (path) => [path, readFileSync(join(root, 'src', path), 'utf8').split('\n').length] as const,
    );
    expect(lengths.filter(([, lines]) => lines > 301)).toEqual([]);
    const sorted = lengths.map(([, lines]) => lines).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(100);
  });

  it('names files in kebab case', () => {
    expect(files.filter((path) => !/^([a-z0-9-]+\/)*[a-z0-9-]+\.ts$/.test(path))).toEqual([]);
  });
});
