import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meaningOf } from '../../../src/core/redaction/meaning.ts';
import { createRedactor, type Redactor } from '../../../src/core/redaction/redactor.ts';
import { SPELLINGS, type Spelling } from '../../../src/core/redaction/spellings.ts';

// Marks that some escape is made of come up often.
const marks = fc.constantFrom(...'\\"\'&%;#<>/+= -:$`{}u0x2');
const letters = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCXYZ0123456789');
const odd = fc.constantFrom(...'éß€漢🙂\u00a0');
const secret = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: letters },
      { weight: 2, arbitrary: marks },
      { weight: 1, arbitrary: odd },
    ),
    {
      minLength: 8,
      maxLength: 40,
    },
  )
  .map((characters) => characters.join(''))
  .filter((value) => /[a-zA-Z0-9]{3}/.test(value) && value.trim() === value && endsMeanSomething(value));
const around = fc.constantFrom(' ', '=', '"', '\n', ', ', '(', '> ', '[');

function bytesOf(redactor: Redactor, bytes: Buffer, cuts: readonly number[]): Buffer {
  const stream = redactor.stream();
  const out: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b).concat(bytes.length)) {
    const to = Math.max(from, Math.min(cut, bytes.length));
    out.push(Buffer.from(stream.push(bytes.subarray(from, to))));
    from = to;
  }
  out.push(Buffer.from(stream.flush()));
  return Buffer.concat(out);
}

/** Not so: a backslash at the end, the code of a zero or of a terminal's escape. What means nothing is not taken out. */
function endsMeanSomething(value: string): boolean {
  const meant = meaningOf(Buffer.from(value)).toString('latin1');
  return Array.from({ length: 8 }, (_, cut) => cut + 1).every((cut) =>
    [value.slice(0, -cut), value.slice(cut)].every(
      (part) => meaningOf(Buffer.from(part)).toString('latin1') !== meant,
    ),
  );
}

/** How many bytes may stay readable of a spelling: a zero of UTF-16, the mark before a value, the neighbours in a layout. */
function mostLeft({ name, kind }: Spelling, value: string, written: Buffer): number {
  // A character of base64 that the value shares with a neighbour stays, at both ends.
  if (kind === 'layout') return written.length - Math.floor((Buffer.byteLength(value) * 8) / 6) + 2;
  return ['UTF-16', 'after a backslash', 'after a percent sign'].includes(name) ? 1 : 0;
}

describe('spellings', () => {
  for (const spelling of SPELLINGS) {
    it(`of a secret are taken out wherever they stand and however they are cut: ${spelling.name}`, () => {
      fc.assert(
        fc.property(
          secret,
          around,
          around,
          fc.array(fc.nat(200), { maxLength: 5 }),
          (value, before, after, cuts) => {
            const redactor = createRedactor([value]);
            for (const written of spelling.spell(value)) {
              const bytes = Buffer.concat([Buffer.from(before), written, Buffer.from(after)]);
              const clean = bytesOf(redactor, bytes, cuts);
              expect(clean.includes('[redacted]')).toBe(true);
              // A quotation mark at either end may leave its double or its backslash.
              const rest = clean
                .toString('latin1')
                .replace('[redacted]', '')
                .replace(/[\\"']/g, '');
              expect(rest.length).toBeLessThanOrEqual(
                before.length + after.length + mostLeft(spelling, value, written),
              );
              expect(bytesOf(redactor, bytes, [])).toEqual(clean);
            }
          },
        ),
        { numRuns: 150 },
      );
    });

    it(`of another text stay as they are: ${spelling.name}`, () => {
      fc.assert(
        fc.property(secret, secret, fc.array(fc.nat(200), { maxLength: 5 }), (value, other, cuts) => {
          fc.pre(!wordsOf(other).some((word) => wordsOf(value).includes(word)));
          const redactor = createRedactor([`${value}-and-more-of-it`]);
          for (const written of spelling.spell(other))
            expect(bytesOf(redactor, written, cuts)).toEqual(written);
        }),
        { numRuns: 100 },
      );
    });
  }

  it('one inside the other are taken out', () => {
    const value = 'p&ss"w<rd>/ünd=more';
    const redactor = createRedactor([value]);
    const named = (name: string) => (text: string) => {
      const found = SPELLINGS.find((spelling) => spelling.name === name);
      if (found === undefined) throw new Error(`no spelling ${name}`);
      return found.spell(text)[0]?.toString('utf8') ?? '';
    };
    const outers = ['JSON', 'JSON of Go', 'JSON of .NET', 'XML attribute', 'percent', 'CSV'];
    for (const inner of [...outers, 'terminal colours'])
      for (const outer of outers)
        expect(redactor.text(`(${named(outer)(named(inner)(value))})`), `${inner} in ${outer}`).toBe(
          '([redacted])',
        );
  });

  it('leave a document of JSON a document of JSON', () => {
    fc.assert(
      fc.property(secret, (value) => {
        const text = JSON.stringify({ a: `x${value}y`, b: ['', value, `\\${value}`] });
        const clean = createRedactor([value]).text(text);
        expect(() => JSON.parse(clean)).not.toThrow();
        expect(clean).not.toContain(value);
      }),
      { numRuns: 500 },
    );
  });
});

function wordsOf(value: string): readonly string[] {
  return value.match(/[A-Za-z0-9]{3,}/g) ?? [];
}
