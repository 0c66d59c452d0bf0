import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as z from 'zod';
import type { StageCommand } from '../contract/command.ts';
import type { StageReport } from '../contract/report.ts';
import type { StageData } from '../contract/stage.ts';

/** A scanner's three modules, each with the names that it must export. */
export const MODULES = {
  'stage.ts': ['stage', 'options'],
  'command.ts': ['command'],
  'report.ts': ['report'],
} as const;

/** The whole of one scanner, as its folder declares it. */
export interface Scanner {
  readonly stage: StageData;
  /** An object whose defaults stand on its first level; the manifest's schema is generated from it. */
  readonly options: z.ZodType<Readonly<Record<string, unknown>>>;
  readonly command: StageCommand<unknown>;
  readonly report: StageReport<unknown>;
}

/** What the modules of a folder export; a name that is not exported is absent. Throws when a module is missing or cannot be loaded. */
export async function loadScanner(folder: string): Promise<Partial<Scanner>> {
  const modules = await Promise.all(
    Object.keys(MODULES).map(async (file) => {
      const module: object = await import(pathToFileURL(join(folder, file)).href);
      return module;
    }),
  );
  return Object.assign({}, ...modules) as Partial<Scanner>;
}

/** Whether nothing of it is missing. */
export function isWhole(scanner: Partial<Scanner>): scanner is Scanner {
  return Object.values(MODULES)
    .flat()
    .every((name) => scanner[name] !== undefined);
}
