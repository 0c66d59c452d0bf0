import {
  endingOf,
  type Language,
  languageOfPath,
  languageOfShebang,
} from '../../core/languages/languages.ts';
import { firstLine } from '../../executor/inventory/first-line.ts';
import type { InventoryFile, WorkspaceInventory } from '../../executor/inventory/types.ts';

export type SeenWorkspace = Pick<WorkspaceInventory, 'root' | 'files' | 'isLink'>;

/** Which file of an inventory is of which language, by row: 10,000 files are one allocation, not 10,000. */
export interface LanguageRows {
  /** Of each row the number of its language, and 0 where the file is no code. */
  readonly rows: Uint8Array;
  /** By number; the first stands for none. */
  readonly languages: readonly (Language | undefined)[];
}

/** Scripts whose first line is read: a workspace with more programs without an ending keeps something else there. */
const MOST_SCRIPTS = 500;

/**
 * The code of a workspace by language; files that are there only because a target names them are not its code. Of
 * executable files without an ending the first line is read, of all others nothing.
 */
export function filesByLanguage(inventory: SeenWorkspace): LanguageRows {
  const { files } = inventory;
  const rows = new Uint8Array(files.length);
  const languages: (Language | undefined)[] = [undefined];
  const numbers = new Map<Language, number>();
  const script = scriptReader(inventory);
  // Files of one folder mostly have one ending: it is compared before anything is looked up.
  let ending = '/';
  let last = 0;
  for (let row = 0; row < files.length; row++) {
    const file = files[row];
    if (file === undefined || file.named === true) continue;
    const { path } = file;
    // A name that is nothing but the ending has none.
    if (path.endsWith(ending) && path.charCodeAt(path.length - ending.length - 1) !== SLASH) {
      rows[row] = last;
      continue;
    }
    const language = languageOfPath(path) ?? script(file);
    if (language === undefined) continue;
    const number = numbers.get(language) ?? languages.push(language) - 1;
    numbers.set(language, number);
    rows[row] = number;
    // Of a workflow the folder decides, and of a script its content: the next file may be something else.
    const next = endingOf(path);
    if (next !== undefined && languageOfPath(`a${next}`) === language) {
      ending = next;
      last = number;
    }
  }
  return { rows, languages };
}

const SLASH = 47;

function scriptReader(inventory: SeenWorkspace): (file: InventoryFile) => Language | undefined {
  let left = MOST_SCRIPTS;
  return ({ path, executable, size }) => {
    if (!executable || size === 0 || endingOf(path) !== undefined || left === 0 || inventory.isLink(path))
      return undefined;
    left--;
    const line = firstLine(`${inventory.root}/${path}`);
    return line === undefined ? undefined : languageOfShebang(line);
  };
}
