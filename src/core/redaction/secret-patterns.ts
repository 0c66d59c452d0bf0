import { meaningOf } from './meaning.ts';
import { SPELLINGS } from './spellings.ts';

/** Values shorter than this are taken out as they stand only: their encodings would hit ordinary text. */
const MIN_LENGTH = 6;
const ARMOR = /^-----(BEGIN|END) [A-Z0-9 ]+-----$/;
/** Means itself, and so does each escape of it once it is undone. */
const PLAIN = /^[A-Za-z0-9_=.,/+]*$/;
const OF_A_VALUE = SPELLINGS.filter(({ kind }) => kind !== 'layout');
const ENCODINGS = SPELLINGS.filter(({ kind }) => kind === 'encoding');

/** What to look for in a text so that a secret does not get out: the value, its lines, and what each spelling of them means. */
export function secretPatterns(value: string): Buffer[] {
  const patterns: Buffer[] = [];
  for (const part of [value, ...linesOf(value)]) {
    const bytes = Buffer.from(part, 'utf8');
    patterns.push(bytes);
    if (part.length < MIN_LENGTH) continue;
    if (PLAIN.test(part)) {
      for (const { spell } of ENCODINGS) patterns.push(...spell(part));
      continue;
    }
    patterns.push(distinctive(meaningOf(bytes), bytes));
    for (const { spell } of OF_A_VALUE)
      for (const written of spell(part)) patterns.push(distinctive(meaningOf(written), written));
  }
  return patterns;
}

/** Where too little is left of what was written, what was written itself. */
function distinctive(meaning: Buffer, written: Buffer): Buffer {
  return meaning.length < MIN_LENGTH ? written : meaning;
}

/** The lines of a value of several; armour lines of keys are public and stay readable. */
function linesOf(value: string): string[] {
  if (!/[\r\n]/.test(value)) return [];
  return value
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= MIN_LENGTH && !ARMOR.test(line));
}
