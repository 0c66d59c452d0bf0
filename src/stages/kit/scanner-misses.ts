import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileExcludes, compileGlobs } from '../../executor/inventory/glob.ts';
import type { ToolsLock } from '../../lock/lock-types.ts';
import { globsBelow } from '../../planner/ir/select-files.ts';
import { readCase } from './case-file.ts';
import { checkFolder, checkScanner, missingCases } from './check-scanner.ts';
import { type FaultsFile, readFaults, withoutSample } from './faults-file.ts';
import { isWhole, loadScanner, MODULES, type Scanner } from './scanner.ts';
import { WORLD_FILES, worldTarget } from './world-targets.ts';

/** Something that a scanner's folder lacks, and what puts it right. */
export interface Miss {
  readonly what: string;
  readonly todo: string;
  /** Its cases can be run in spite of it. */
  readonly runs?: true;
}

/** Kinds of providers that `node scripts/lock.ts` resolves; entries of the others are written by hand. */
const RESOLVED: ReadonlySet<string> = new Set(['pypi', 'npm', 'go', 'maven']);

/** All that can be seen without running anything: modules, declaration, pins, cases and samples of error texts. */
export async function scannerMisses(
  id: string,
  folder: string,
  lock: Pick<ToolsLock, 'tools'>,
): Promise<Miss[]> {
  const where = `src/stages/${id}`;
  const absent = checkFolder(folder, id);
  if (absent.length > 0)
    return absent.map((what) => ({
      what,
      todo: `\`just new-stage ${id}\` writes all three in a new folder`,
    }));
  const unfilled = Object.keys(MODULES)
    .filter((file) => readFileSync(join(folder, file), 'utf8').includes('FILL'))
    .map((file) => ({ what: `${file} still says FILL`, todo: `fill it in ${where}/${file}` }));
  const scanner = await loadScanner(folder);
  const wrong = checkScanner(id, scanner).map((what) => ({ what, todo: `edit ${where}, then just gen` }));
  if (!isWhole(scanner)) return [...unfilled, ...wrong];
  return [
    ...unfilled,
    ...wrong,
    ...unpinned(id, scanner, lock),
    ...missingCases(folder, scanner.stage).map((what) => ({
      what,
      todo: `just record ${id} ${what.split(' ').at(-1)}`,
    })),
    ...badCases(id, folder),
    ...provable(where, folder, scanner),
  ];
}

function unpinned(id: string, { stage }: Scanner, lock: Pick<ToolsLock, 'tools'>): Miss[] {
  if (stage.userDefined) return [];
  return stage.providers
    .filter(({ kind, name }) => RESOLVED.has(kind) && lock.tools[id]?.[name] === undefined)
    .map(({ name, kind }) => ({
      what: `tools.lock.json does not pin its provider ${name} (${kind})`,
      todo: `node scripts/lock.ts ${id}`,
      runs: true,
    }));
}

function badCases(id: string, folder: string): Miss[] {
  const cases = join(folder, 'cases');
  if (!existsSync(cases)) return [];
  return readdirSync(cases, { withFileTypes: true })
    .filter((item) => item.isDirectory())
    .flatMap(({ name }): Miss[] => {
      const at = join(cases, name);
      if (!existsSync(join(at, 'case.json')))
        return [
          { what: `case ${name} has no case.json`, todo: `just record ${id} ${name}, or delete the folder` },
        ];
      try {
        readCase(at);
      } catch (error) {
        return [{ what: `case ${name}: case.json is of another shape: ${String(error)}`, todo: 'edit it' }];
      }
      return ['command.golden.json', 'result.golden.json']
        .filter((file) => !existsSync(join(at, file)))
        .map((file) => ({
          what: `case ${name} has no ${file}`,
          todo: `just golden ${id}, and read what it writes`,
        }));
    });
}

/** The tree of the fault matrix needs a file that the scanner looks at: without one it is not applicable in every cell. */
function unfed(where: string, { stage }: Scanner, faults: FaultsFile): Miss[] {
  const { target, selection, appliesIf } = stage.requires;
  const { path } = worldTarget(target);
  // Some read files of other stages only, and databases are carried in.
  const reads = stage.kind !== 'database' && selection?.include.length !== 0;
  if (stage.userDefined || !reads || path === undefined) return [];
  const below = (globs: readonly string[]) => globsBelow(path, globs);
  const takes = compileGlobs([...below(selection?.include ?? ['**']), path]);
  const excludes = compileExcludes(below(selection?.exclude ?? []));
  const seen = Object.keys({ ...WORLD_FILES, ...faults.files }).filter(
    (file) => takes(file) && !excludes(file),
  );
  if ((appliesIf === undefined ? seen : seen.filter(compileGlobs(below(appliesIf)))).length > 0) return [];
  const globs = seen.length === 0 ? (selection?.include ?? []) : (appliesIf ?? []);
  return [
    {
      what: `no file of the fault matrix matches ${globs.join(', ')}`,
      todo: `add one to files in ${where}/cases/faults.json: its path, and a text that is clean`,
    },
  ];
}

/** What the fault matrix needs of cases/faults.json. */
function provable(where: string, folder: string, scanner: Scanner): Miss[] {
  let faults: FaultsFile;
  try {
    faults = readFaults(folder);
  } catch (error) {
    return [{ what: `cases/faults.json is of another shape: ${String(error)}`, todo: 'edit it' }];
  }
  const unsampled = withoutSample(scanner.stage.faults, faults).map((pattern) => ({
    what: `no sample of the error text ${pattern}`,
    todo: `add the line as the tool prints it to faultTexts in ${where}/cases/faults.json`,
  }));
  return [...unsampled, ...unfed(where, scanner, faults)];
}
