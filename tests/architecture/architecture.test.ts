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
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

/** A violation of a rule: its file is planted in a copy of the sources, beside those of all others. */
interface Plant {
  readonly rule: string;
  readonly file: string;
  readonly content: string;
}

/** One copy with every planted file, cruised once: a cruise takes seconds, whatever it finds. */
function cruisePlanted(plants: readonly Omit<Plant, 'rule'>[]): Cruise {
  const copy = mkdtempSync(join(scratch, 'copy-'));
  cpSync(join(root, 'src'), join(copy, 'src'), {
    recursive: true,
    filter: (path) => !path.includes('/cases'),
  });
  for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs'])
    cpSync(join(root, name), join(copy, name));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const { file, content } of plants) {
    mkdirSync(join(copy, file, '..'), { recursive: true });
    writeFileSync(join(copy, file), content, { flag: 'wx' });
  }
  return cruise(copy);
}

function modules(): number {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.(ts|js)$/.test(path) && !path.endsWith('.d.ts') && !path.includes('/cases/'),
  ).length;
}

describe('the rules of docs/architecture.md', () => {
  it('hold for every module', () => {
    const { summary } = cruise(root);
    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
    // dependency-cruiser says "no violations" of 0 modules when it does not understand the compiler it finds.
    expect(summary.totalCruised).toBeGreaterThanOrEqual(modules());
  });

  const plants: readonly Plant[] = [
    {
      rule: 'no-upward-import',
      file: 'src/core/planted-1.ts',
      content: "import { planStages } from '../planner/plan.ts';\nexport const x = planStages;\n",
    },
    {
      rule: 'no-upward-import',
      file: 'src/planner/planted-2.ts',
      content: "import type { Runtime } from '../executor/ports.ts';\nexport type X = Runtime;\n",
    },
    {
      rule: 'no-upward-import',
      file: 'src/executor/planted-3.ts',
      content: "import type { Problem } from '../toolchain/shared/problem.ts';\nexport type X = Problem;\n",
    },
    {
      rule: 'no-sideways-import',
      file: 'src/lock/planted-4.ts',
      content: "import type { Clock } from '../io/clock.ts';\nexport type X = Clock;\n",
    },
    {
      rule: 'no-sideways-import',
      file: 'src/report/planted-5.ts',
      content:
        "import type { DeliveryError } from '../delivery/shared/delivery-error.ts';\nexport type X = DeliveryError;\n",
    },
    {
      rule: 'no-circular',
      file: 'src/core/planted-6.ts',
      content: "import './planted-6-too.ts';\nexport const x = 1;\n",
    },
    {
      rule: 'no-circular',
      file: 'src/core/planted-7.ts',
      content: "import type { Y } from './planted-7-too.ts';\nexport type X = Y;\n",
    },
    {
      rule: 'catalogue-only-in-composition-roots',
      file: 'src/executor/planted-8.ts',
      content: "import { catalogue } from '../stages/catalogue.gen.ts';\nexport const x = catalogue;\n",
    },
    ...['policy', 'evidence', 'report', 'delivery'].map((room) => ({
      rule: 'toolchain-only-in-composition-roots',
      file: `src/${room}/planted-toolchain.ts`,
      content: "import type { Problem } from '../toolchain/shared/problem.ts';\nexport type X = Problem;\n",
    })),
    {
      rule: 'no-scanner-imports-another',
      file: 'src/stages/ruff/planted-9.ts',
      content: "import { stage } from '../bandit/stage.ts';\nexport const x = stage;\n",
    },
    {
      rule: 'shared-stage-code-names-no-scanner',
      file: 'src/stages/formats/planted-10.ts',
      content: "import { stage } from '../bandit/stage.ts';\nexport const x = stage;\n",
    },
    {
      rule: 'command-stands-apart',
      file: 'src/stages/planted-16/command.ts',
      content: "import { readSarif } from '../formats/sarif.ts';\nexport const command = readSarif;\n",
    },
    {
      rule: 'command-stands-apart',
      file: 'src/stages/planted-17/command.ts',
      content: "import * as z from 'zod';\nexport const command = z;\n",
    },
    {
      rule: 'command-stands-apart',
      file: 'src/stages/planted-18/command.ts',
      content: "import { stage } from './stage.ts';\nexport const command = stage;\n",
    },
    {
      rule: 'declaration-reads-no-report',
      file: 'src/stages/planted-18/stage.ts',
      content: "import type { report } from './report.ts';\nexport const stage = {} as typeof report;\n",
    },
    {
      rule: 'declaration-is-for-the-generator',
      file: 'src/app/planted-19.ts',
      content: "import { options } from '../stages/ruff/stage.ts';\nexport const x = options;\n",
    },
    {
      rule: 'kit-is-for-scripts-and-tests',
      file: 'src/app/planted-20.ts',
      content: "import type { Scanner } from '../stages/kit/scanner.ts';\nexport type X = Scanner;\n",
    },
    {
      rule: 'runtimes-stand-apart',
      file: 'src/executor/runtimes/dagger/planted-11.ts',
      content: "import type { Warden } from '../local/sandbox/warden.ts';\nexport type X = Warden;\n",
    },
    {
      rule: 'one-importer',
      file: 'src/planner/planted-12.ts',
      content: "import { Command } from 'commander';\nexport const x = Command;\n",
    },
    {
      rule: 'one-importer',
      file: 'src/planner/diff/planted-13.ts',
      content: "import { Graph } from '@dagrejs/graphlib';\nexport const x = Graph;\n",
    },
    ...['core', 'stages/formats', 'compiler/resolve', 'planner', 'policy', 'report', 'executor/judge'].map(
      (room) => ({
        rule: 'files-in-their-rooms',
        file: `src/${room}/planted-files.ts`,
        content: "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n",
      }),
    ),
    ...['evidence', 'app', 'cli', 'toolchain', 'executor/engine', 'policy'].map((room) => ({
      rule: 'processes-in-their-rooms',
      file: `src/${room}/planted-processes.ts`,
      content: "import { spawn } from 'node:child_process';\nexport const x = spawn;\n",
    })),
    ...['evidence', 'app', 'cli', 'delivery', 'toolchain', 'report'].map((room) => ({
      rule: 'sockets-in-their-rooms',
      file: `src/${room}/planted-sockets.ts`,
      content: "import { connect } from 'node:net';\nexport const x = connect;\n",
    })),
    {
      rule: 'judge-reads-nothing',
      file: 'src/executor/judge/planted-21.ts',
      content:
        "import { createLineReader } from '../../io/line-reader.ts';\nexport const x = createLineReader;\n",
    },
  ];
  // The other half of each planted circle.
  const halves = [
    { file: 'src/stages/planted-18/report.ts', content: 'export const report = 1;\n' },
    { file: 'src/core/planted-6-too.ts', content: "import './planted-6.ts';\nexport type Y = 1;\n" },
    {
      file: 'src/core/planted-7-too.ts',
      content: "import type { X } from './planted-7.ts';\nexport type Y = X;\n",
    },
  ];
  let caught: readonly string[];
  beforeAll(() => {
    const { violations } = cruisePlanted([...plants, ...halves]).summary;
    // A circle is reported once, from either of its halves.
    caught = violations.map(({ rule, from }) => `${rule.name}: ${from.replace('-too.ts', '.ts')}`);
  });

  it.each(plants)('$rule bites in $file', ({ rule, file }) => {
    expect(caught).toContain(`${rule}: ${file}`);
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
