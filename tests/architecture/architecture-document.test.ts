import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const DOCUMENT = read('docs/architecture.md');

interface Rule {
  readonly name: string;
  readonly from: { readonly path?: string; readonly pathNot?: string };
  readonly to: { readonly path?: string };
}

const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
  forbidden: Rule[];
};
const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** The names in `^src/(a|b)/`. */
function names(pattern: string | undefined): string[] {
  return pattern?.match(/^\^src\/\((.*)\)\//)?.[1]?.split(/\|(?![^(]*\))/) ?? [];
}

/** The steps of the rules, lowest first: each may not import what stands above it. Rooms to come are left out. */
function ruledSteps(): string[][] {
  const upward = forbidden.filter(({ name }) => name === 'no-upward-import');
  const top = names(upward.at(-1)?.to.path);
  return [...upward.map(({ from }) => names(from.path)), top].map((step) =>
    step.filter((room) => rooms.includes(room)),
  );
}

/** The steps of the drawing: `core <- io, lock <- …`. */
function drawnSteps(document: string): string[][] {
  const drawing = document.match(/^```text\n(core[\s\S]*?)```/m)?.[1] ?? '';
  return drawing.split('<-').map((step) => step.split(',').map((room) => room.trim()));
}

/** The first column of the table below a heading whose first cell has this text. */
function column(document: string, head: string): string[] {
  const table = document.split('\n\n').find((part) => part.startsWith(`| ${head} `)) ?? '';
  return table
    .split('\n')
    .slice(2)
    .map((row) => (row.split('|')[1] ?? '').trim().replaceAll('`', ''));
}

function machineRooms(document: string, what: string): string[] {
  const row = document.split('\n').find((line) => line.startsWith(`| ${what} `)) ?? '';
  return [...row.matchAll(/`([^`]+)`/g)].map(([, room = '']) => room.replaceAll('\\|', '|')).sort();
}

describe('docs/architecture.md', () => {
  it('draws who may import whom as the rules have it', () => {
    expect(drawnSteps(DOCUMENT)).toEqual(ruledSteps());
  });

  it('describes every room of src, in the order of the drawing, and no other', () => {
    expect(column(DOCUMENT, 'room')).toEqual(drawnSteps(DOCUMENT).flat());
    expect(column(DOCUMENT, 'room').sort()).toEqual([...rooms].sort());
  });

  it.each(['files', 'processes', 'sockets'])('says who uses %s as the rule has it', (what) => {
    const rule = forbidden.find(({ name }) => name === `${what}-in-their-rooms`);
    const ruled = names(rule?.from.pathNot?.replace('|/assets/', '')).sort();
    expect(ruled.length).toBeGreaterThan(1);
    expect(machineRooms(DOCUMENT, what)).toEqual(ruled);
  });

  it('names no folder or file of the project that does not exist', () => {
    expect(missingPaths(DOCUMENT)).toEqual([]);
  });

  it('is caught with another drawing, a room too few, another rule and a path that is gone', () => {
    const swapped = DOCUMENT.replace('compiler  <-  planner', 'planner  <-  compiler');
    expect(drawnSteps(swapped)).not.toEqual(ruledSteps());
    const fewer = DOCUMENT.replace(/^\| `policy` .*\n/m, '');
    expect(column(fewer, 'room').sort()).not.toEqual([...rooms].sort());
    expect(machineRooms(DOCUMENT.replace('`io`, `executor/runtimes` ', '`io` '), 'processes')).toEqual([
      'io',
    ]);
    expect(missingPaths('See `src/app/nowhere.ts` and `tests/architecture`.')).toEqual([
      'src/app/nowhere.ts',
    ]);
  });
});

/** Paths in code that start with a folder of the project. */
function missingPaths(document: string): string[] {
  const parents = new Set(readdirSync(ROOT));
  const has = (path: string): boolean => {
    const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
    try {
      return readdirSync(join(ROOT, parent)).includes(path.slice(path.lastIndexOf('/') + 1));
    } catch {
      return false;
    }
  };
  return [...document.matchAll(/`([A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)+)\/?`/g)]
    .map(([, path = '']) => path)
    .filter((path) => parents.has(path.split('/')[0] ?? '') && !path.startsWith('build/') && !has(path));
}

describe('the Node that secplan needs', () => {
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
  const needed = engines.node.replace('>=', '');

  it.each(['README.md', 'CONTRIBUTING.md', 'docs/tutorial/first-scan.md'])(
    'is the one that %s names',
    (path) => {
      const named = [...read(path).matchAll(/\bNode (\d+(?:\.\d+)*)/g)].map(([, version]) => version);
      expect(named.length).toBeGreaterThan(0);
      expect([...new Set(named)]).toEqual([needed]);
    },
  );

  it('is the one that doctor checks', () => {
    const [major, minor] = needed.split('.');
    expect(read('src/toolchain/doctor.ts')).toContain(`{ major: ${major}, minor: ${minor} }`);
  });
});
