import { setImmediate as nextTurn } from 'node:timers/promises';
import { byCodeUnit } from '../../core/canonical.ts';
import { countsAsUnexamined, type UnexaminedFile, type WhyUnexamined } from '../../core/unexamined.ts';
import { readInside } from '../../io/read-inside.ts';
import type { StageReport } from '../../stages/contract/report.ts';
import { hasBinaryEnding } from '../../stages/formats/binary-ending.ts';
import { isBlank } from '../../stages/formats/content.ts';
import type { StageInput } from './stage-input.ts';

/** Files above this are not looked into: what the tool says of them stands. Bytes. */
const MAX_BYTES = 16 * 2 ** 20;
/** What is blank is small; a larger file is not read to see that. */
const MAX_BLANK_BYTES = 4096;
/** Looking goes on this long before other work gets a turn, in milliseconds. */
const TURN_MS = 10;

/** What a tool that stops at a file which it cannot read is shown: the others. */
export async function shownFiles(
  report: Pick<StageReport<unknown>, 'cannotRead' | 'stopsAtUnread'>,
  input: StageInput,
  { root, options }: Pick<Looked, 'root' | 'options'>,
): Promise<StageInput> {
  if (report.stopsAtUnread !== true || input.digest === null) return input;
  const given = input.files.map(({ path }) => path);
  const unread = new Set((await unreadFiles(report, { root, given, options })).map(({ path }) => path));
  return unread.size === 0 ? input : { ...input, files: input.files.filter(({ path }) => !unread.has(path)) };
}

interface Looked {
  readonly root: string;
  readonly given: readonly string[];
  readonly options: unknown;
}

/**
 * What the judge found unexamined, with the files that the tool by its own declaration cannot read for what they hold. A
 * file in which there is nothing is called empty, whatever the tool says of it. Sorted by path.
 */
export async function withUnreadFiles(
  unexamined: readonly UnexaminedFile[],
  report: Pick<StageReport<unknown>, 'cannotRead'>,
  { root, given, options }: Looked,
): Promise<readonly UnexaminedFile[]> {
  const found = new Map<string, UnexaminedFile>();
  for (const file of unexamined) {
    const blank = countsAsUnexamined(file.why) && isBlankFile(root, file.path);
    found.set(file.path, blank ? { path: file.path, why: { kind: 'empty' } } : file);
  }
  // A reason is better than none.
  const explained = (path: string) => (found.get(path)?.why.kind ?? 'silent') !== 'silent';
  const rest = given.filter((path) => !explained(path));
  for (const file of await unreadFiles(report, { root, given: rest, options })) found.set(file.path, file);
  return [...found.values()].sort((a, b) => byCodeUnit(a.path, b.path));
}

/** Those of the given files that the tool cannot read for what they hold. */
export async function unreadFiles(
  report: Pick<StageReport<unknown>, 'cannotRead'>,
  { root, given, options }: Looked,
): Promise<readonly UnexaminedFile[]> {
  const testOf = report.cannotRead?.(options, given);
  if (testOf === undefined) return [];
  const found: UnexaminedFile[] = [];
  let turnEnds = performance.now() + TURN_MS;
  for (const path of given) {
    const test = testOf(path);
    const content = test === undefined ? undefined : readInside(root, path, MAX_BYTES);
    const detail = content === undefined ? undefined : test?.(content);
    if (detail !== undefined) found.push({ path, why: whyOf(path, detail) });
    if (performance.now() > turnEnds) {
      await nextTurn();
      turnEnds = performance.now() + TURN_MS;
    }
  }
  return found;
}

function whyOf(path: string, detail: string): WhyUnexamined {
  return hasBinaryEnding(path) ? { kind: 'no-text' } : { kind: 'not-understood', detail };
}

function isBlankFile(root: string, path: string): boolean {
  const content = readInside(root, path, MAX_BLANK_BYTES);
  return content !== undefined && isBlank(content);
}
