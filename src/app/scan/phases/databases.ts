import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { diagnostic } from '../../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../../core/outcome.ts';
import { catalogue } from '../../../stages/catalogue.gen.ts';
import type { ScanStart } from '../frame/scan-start.ts';

export interface CarriedDatabases {
  /** Folders of databases that were carried in, by id. */
  readonly databases: ReadonlyMap<string, string>;
}

/** The databases below `--databases DIR`, by id; other folders in it are nobody's. SP9001 where the folder is not there. */
export async function databases({ cwd, options }: ScanStart): Promise<Outcome<CarriedDatabases>> {
  const { databases: dir } = options;
  if (dir === undefined) return success({ databases: new Map() });
  const root = resolve(cwd, dir);
  try {
    const ids = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && catalogue.get(entry.name)?.kind === 'database')
      .map((entry) => entry.name);
    return success({ databases: new Map(ids.map((id) => [id, join(root, id)])) });
  } catch (error) {
    const summary = `--databases ${dir} cannot be read: ${(error as Error).message}`;
    const help = 'Name a folder that contains one subfolder per database id.';
    return failed([diagnostic('SP9001', summary, { help })]);
  }
}
