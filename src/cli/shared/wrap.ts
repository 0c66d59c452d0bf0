import { stripVTControlCharacters } from 'node:util';

/** Breaks at spaces; lines after the first begin with `indent` spaces. Colors take no room. With an unlimited width it stays one line. */
export function wrap(text: string, width: number, indent = 0): string {
  const [first = '', ...words] = text.split(' ');
  const lines = [first];
  const lengthOf = (line: string): number => stripVTControlCharacters(line).length;
  for (const word of words) {
    const line = lines.at(-1) ?? '';
    const taken = lengthOf(line) + (lines.length > 1 ? indent : 0);
    if (taken + lengthOf(word) + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}
