import { describe, expect, test } from 'vitest';
import { functionsBelow, functionsOf, shapeFaults } from '../support/function-shape.ts';

/** Algorithms that are read as a whole, each with what would be lost by taking it apart. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  'src/planner/schedule/exact-schedule.ts exactSchedule':
    'one search: its bounds, its choices and its undo work on the same six arrays',
  'src/compiler/read/scan-json.ts scanJson':
    'one scanner: a grammar of a page whose steps share the place in the text and the stack of levels',
};

describe('every function of src has at most 60 lines and 4 parameters', () => {
  const functions = functionsBelow(new URL('../../', import.meta.url).pathname, 'src');

  test('but for the algorithms that are listed, all of which need it', () => {
    expect(functions.length).toBeGreaterThan(1_000);
    expect(shapeFaults(functions, Object.keys(ALGORITHMS))).toEqual([]);
  });

  test('an algorithm that is gone, or is short now, must leave the list', () => {
    const gone = 'src/planner/schedule/exact-schedule.ts inexactSchedule';
    const short = 'src/planner/schedule/exact-schedule.ts makespan';
    expect(functions.map(({ id }) => id)).toContain(short);
    const faults = shapeFaults(functions, [...Object.keys(ALGORITHMS), gone, short]).slice(-2);
    expect(faults).toEqual([gone, short].map((id) => `${id}: is listed and need not be; remove it`));
  });
});

describe('the check bites', () => {
  const body = (lines: number) => '  step();\n'.repeat(lines);
  const PLANTED: readonly (readonly [kind: string, text: string, fault: string])[] = [
    ['a function', `function f() {\n${body(59)}}\n`, 'src/a.ts f: 61 lines, at most 60'],
    ['an arrow function', `const f = () => {\n${body(59)}};\n`, 'src/a.ts f: 61 lines, at most 60'],
    ['a method', `class A {\n  f() {\n${body(59)}  }\n}\n`, 'src/a.ts A.f: 61 lines, at most 60'],
    ['a member', `const a = { f() {\n${body(59)}} };\n`, 'src/a.ts f: 61 lines, at most 60'],
    [
      'a closure',
      `function f() {\n  return g;\n  function g() {\n${body(56)}  }\n}\n`,
      'src/a.ts f: 61 lines, at most 60',
    ],
    ['five parameters', 'function f(a, b, c, d, e) {}', 'src/a.ts f: 5 parameters, at most 4'],
    [
      'a constructor',
      'class A { constructor(a, b, c, d, e) {} }',
      'src/a.ts A.constructor: 5 parameters, at most 4',
    ],
    ['no name', 'run((a, b, c, d, e) => a);', 'src/a.ts ?: 5 parameters, at most 4'],
  ];

  test.each(PLANTED)('on %s', (_kind, text, fault) => {
    expect(shapeFaults(functionsOf('src/a.ts', text), [])).toEqual([fault]);
  });

  test('and not on a long class of short methods, a long comment, or a signature', () => {
    const text = [
      `/**\n${' * word\n'.repeat(80)} */\nfunction f(a, b, c, d) {\n${body(58)}}`,
      `class A {\n${'  f() {}\n'.repeat(80)}}`,
      'interface B { f(a: 1, b: 1, c: 1, d: 1, e: 1): void }',
    ].join('\n');
    expect(shapeFaults(functionsOf('src/a.ts', text), [])).toEqual([]);
  });
});
