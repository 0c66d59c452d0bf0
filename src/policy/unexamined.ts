import type { PlannedPolicy } from '../compiler/model/model.ts';
import { textsOf, type WithText } from '../core/gap.ts';
import {
  countsAsUnexamined,
  type UnexaminedFile,
  unexaminedText,
  type WhyUnexamined,
} from '../core/unexamined.ts';
import type { StageResult } from '../executor/stage-result.ts';

/** One file that a scanner did not check, with its line for people. */
export type UnexaminedEntry = WithText<UnexaminedFile> & { readonly stage: string };

/** Files that scanners were given and did not check: how many, and the first of each scanner. */
export interface UnexaminedCoverage {
  /** A file that two scanners did not check counts twice. */
  readonly files: number;
  /** Those that the policy decides about: all but what holds no text. */
  readonly counted: number;
  /** Those of `counted` without a reason: no policy lets them pass. */
  readonly silent: number;
  /** The first few of each scanner, sorted by stage and path; all are in unexamined.json. */
  readonly first: readonly UnexaminedEntry[];
}

interface WithUnexamined {
  readonly unexamined?: UnexaminedCoverage;
}

/** unexamined.json: every file that a scanner was given and did not check. */
export interface UnexaminedList {
  readonly schema: 'https://secplan.dev/schema/unexamined/v1';
  readonly files: readonly UnexaminedEntry[];
}

/** Of one scanner, in documents that people read. */
const FIRST = 20;

/** Every file that a scanner was given and did not check; undefined where there are none. */
export function unexaminedList(results: readonly StageResult[]): UnexaminedList | undefined {
  const files = results.flatMap((result) => entriesOf(result));
  return files.length === 0 ? undefined : { schema: 'https://secplan.dev/schema/unexamined/v1', files };
}

/** The same, counted and cut. */
export function unexaminedOf(results: readonly StageResult[]): WithUnexamined {
  const all = results.map((result) => entriesOf(result));
  const whys = all.flat().map(({ why }) => why);
  if (whys.length === 0) return {};
  return {
    unexamined: {
      files: whys.length,
      counted: whys.filter(countsAsUnexamined).length,
      silent: whys.filter(isSilent).length,
      // What makes the run incomplete stands before what is only listed.
      first: [
        ...all.flatMap((entries) => firstOf(entries, true)),
        ...all.flatMap((entries) => firstOf(entries, false)),
      ],
    },
  };
}

function firstOf(entries: readonly UnexaminedEntry[], counted: boolean): readonly UnexaminedEntry[] {
  return entries.filter(({ why }) => countsAsUnexamined(why) === counted).slice(0, FIRST);
}

/** A line for each of the first, and how many more there are. */
export function unexaminedLines({
  coverage: { unexamined },
}: {
  readonly coverage: WithUnexamined;
}): readonly string[] {
  if (unexamined === undefined) return [];
  const more = unexamined.files - unexamined.first.length;
  return [...textsOf(unexamined.first), ...(more > 0 ? [`and ${more} more in unexamined.json`] : [])];
}

/** How many of them make the run incomplete. */
export function unexaminedThatCount(
  { unexamined }: WithUnexamined,
  policy: Pick<PlannedPolicy, 'unexamined'>,
): number {
  if (unexamined === undefined) return 0;
  return policy.unexamined === 'warn' ? unexamined.silent : unexamined.counted;
}

/** One clause of a headline. */
export function unexaminedReason(files: number): string {
  return files === 1 ? '1 file not examined' : `${files} files not examined`;
}

function entriesOf(result: StageResult): readonly UnexaminedEntry[] {
  if (result.state !== 'done') return [];
  return result.unexamined.map(({ path, why }) => ({
    stage: result.stage,
    path,
    why,
    text: `${result.stage}: ${path}: ${unexaminedText(why)}`,
  }));
}

function isSilent({ kind }: WhyUnexamined): boolean {
  return kind === 'silent';
}
