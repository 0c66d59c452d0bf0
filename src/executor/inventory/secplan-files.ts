import { lstatSync, readFileSync } from 'node:fs';
import { isRecord } from '../../core/is-record.ts';

const GOLDEN_FILE = 'golden.json';
const GOLDEN_SCHEMA = 'https://secplan.dev/schema/golden/v1';
/** What `golden update` writes: nothing else beside a golden is left out for it. */
const GOLDEN_DOCUMENT = /\.(?:json|sarif|txt|xml)$/;

/**
 * Which of a workspace's files are secplan's own: those that the caller knows (manifest, baseline, VEX) and, of each golden, the
 * documents that it lists. They say how results are judged, so that no result may depend on them.
 * @param root real path of the workspace
 * @param paths of all files, relative
 */
export function secplanFiles(
  root: string,
  paths: readonly string[],
  known: ReadonlySet<string>,
): ReadonlySet<string> {
  const own = new Set<string>();
  const listed = new Set<string>();
  for (const path of paths) {
    if (known.has(path) && isFile(`${root}/${path}`)) own.add(path);
    if (!path.endsWith(GOLDEN_FILE)) continue;
    const folder = path.slice(0, -GOLDEN_FILE.length);
    if (folder !== '' && !folder.endsWith('/')) continue;
    const documents = documentsOf(`${root}/${path}`);
    if (documents === undefined) continue;
    own.add(path);
    for (const name of documents) if (GOLDEN_DOCUMENT.test(name)) listed.add(`${folder}files/${name}`);
  }
  if (listed.size > 0) for (const path of paths) if (listed.has(path)) own.add(path);
  return own;
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The documents that a golden lists; undefined for a file that is no golden. */
function documentsOf(file: string): readonly string[] | undefined {
  try {
    const golden: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (!isRecord(golden) || golden.schema !== GOLDEN_SCHEMA || !Array.isArray(golden.artifacts))
      return undefined;
    return golden.artifacts.flatMap((entry) =>
      isRecord(entry) && typeof entry.path === 'string' ? [entry.path] : [],
    );
  } catch {
    return undefined;
  }
}
