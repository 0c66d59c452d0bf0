import type { InputSet, WorkspaceInventory } from '../inventory/types.ts';
import type { ChangedFiles } from './cache-key.ts';

/** 64 bits name a changed file well enough; the key holds the whole digests. */
const SHORT_HEX = 16;
const HEADER = 'secplan input list v1';

/** The paths of an input set with a short digest each, for `why` to compare with later. */
export async function encodeInputList(input: InputSet, inventory: WorkspaceInventory): Promise<Uint8Array> {
  const digests = await inventory.digests(input.files);
  const records = [HEADER];
  for (const [i, file] of input.files.entries()) {
    const hex = digests[i]?.slice('sha256:'.length, 'sha256:'.length + SHORT_HEX) ?? '';
    records.push(`${file.executable ? 'x' : '-'}${hex.padEnd(SHORT_HEX, '-')}${file.path}`);
  }
  return Buffer.from(records.join('\0'), 'utf8');
}

/** What happened to the files between two lists; undefined when one of them is not such a list. */
export function compareInputLists(before: Uint8Array, after: Uint8Array): ChangedFiles | undefined {
  const old = decode(before);
  const now = decode(after);
  if (old === undefined || now === undefined) return undefined;
  const added: string[] = [];
  const changed: string[] = [];
  for (const [path, state] of now) {
    const was = old.get(path);
    if (was === undefined) added.push(path);
    else if (was !== state) changed.push(path);
  }
  return { added, changed, removed: [...old.keys()].filter((path) => !now.has(path)) };
}

function decode(bytes: Uint8Array): Map<string, string> | undefined {
  const [header, ...records] = Buffer.from(bytes).toString('utf8').split('\0');
  if (header !== HEADER) return undefined;
  return new Map(records.map((record) => [record.slice(1 + SHORT_HEX), record.slice(0, 1 + SHORT_HEX)]));
}
