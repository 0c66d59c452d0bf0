import type { Place, SourceLine } from './diagnostic.ts';
import { escapeControls } from './escape-controls.ts';

const TAB = '    ';
// East Asian characters and emoji take two columns of a terminal; marks that combine with the one before take none.
const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}/u;
const MARK = /\p{M}|\u200d/u;

/** The source line with its number, and below it a caret under each character that is meant. */
export function codeFrame(place: Place, { text, from, length }: SourceLine): string[] {
  const gutter = String(place.line).padStart(4);
  let shown = '';
  let before = 0;
  let under = 0;
  for (const [index, char] of [...text].entries()) {
    const printed = char === '\t' ? TAB : escapeControls(char);
    const columns = char === '\t' ? TAB.length : columnsOf(printed);
    shown += printed;
    if (index < from) before += columns;
    else if (index < from + length) under += columns;
  }
  const caret = `${' '.repeat(before)}${'^'.repeat(Math.max(1, under))}`;
  return [`${gutter} | ${shown.trimEnd()}`, `${' '.repeat(gutter.length)} | ${caret}`];
}

function columnsOf(printed: string): number {
  let columns = 0;
  for (const char of printed) columns += MARK.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return columns;
}
