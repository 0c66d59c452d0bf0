import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CUE_VERSION, type CueResult, exportCue } from '../src/index.mjs';

const at = (line: number, column: number, file = 'm.cue') => ({ file, line, column });

function exported(result: CueResult) {
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result;
}

function errorsOf(result: CueResult) {
  if (result.ok || result.reason !== 'invalid') throw new Error(`errors expected: ${JSON.stringify(result)}`);
  return result.errors;
}

/** code, path and message of each error, one a line. */
const told = (result: CueResult) => errorsOf(result).map((e) => `${e.code} ${e.path}: ${e.message}`);

describe('export', () => {
  it('gives JSON with the place of every value and label', async () => {
    const source = 'import "strings"\n\na: b: 1\nl: [true, {s: strings.ToUpper("x")}]\nd: *"one" | "two"\n';
    const result = exported(await exportCue({ 'm.cue': source }));
    expect(result.json).toBe('{"a":{"b":1},"l":[true,{"s":"X"}],"d":"one"}');
    expect(result.positions).toEqual({
      '': at(1, 1),
      '/a': at(3, 4),
      '/a/b': at(3, 7),
      '/l': at(4, 4),
      '/l/0': at(4, 5),
      '/l/1': at(4, 11),
      '/l/1/s': at(4, 15),
      '/d': at(5, 4),
    });
    expect(result.keys).toEqual({
      '/a': at(3, 1),
      '/a/b': at(3, 4),
      '/l': at(4, 1),
      '/l/1/s': at(4, 12),
      '/d': at(5, 1),
    });
  });

  it('counts columns in code points, after a byte order mark as well', async () => {
    const source = '\ufeffx: "é😀", y: {"a/b~c": "ü", z: 1}\n';
    const { positions, keys } = exported(await exportCue({ 'm.cue': source.replace(', y', '\n"é": 0, y') }));
    expect(positions['/x']).toEqual(at(1, 4));
    expect(positions['/é']).toEqual(at(2, 6));
    expect(positions['/y']).toEqual(at(2, 12));
    expect(positions['/y/a~1b~0c']).toEqual(at(2, 22));
    expect(keys['/y/z']).toEqual(at(2, 27));
  });

  it('prefers the place of the value to that of its constraint, and the first file to the others', async () => {
    const files = {
      'm.cue': 'package p\nt: timeout: "5m"\nt: #T\nv: "1"\n',
      's.cue': 'package p\n#T: {timeout: string | *"1m", n: int | *3, ...}\nt: timeout: =~"m"\nv: "1"\n',
    };
    const { json, positions } = exported(await exportCue(files));
    expect(json).toBe('{"t":{"timeout":"5m","n":3},"v":"1"}');
    expect(positions['/t/timeout']).toEqual(at(2, 13));
    expect(positions['/t/n']).toEqual(at(2, 34, 's.cue'));
    expect(positions['/v']).toEqual(at(4, 4));
  });

  it('gives what a function computed the place of the call', async () => {
    const { positions } = exported(
      await exportCue({ 'm.cue': 'import "strings"\nd: strings.Split("a,b", ",")\n' }),
    );
    expect([positions['/d/0'], positions['/d/1']]).toEqual([at(2, 4), at(2, 4)]);
  });

  it('has a place for every value', async () => {
    const source =
      'x: [for i in [1, 2] {n: i, if i > 1 {big: {deep: [i]}}}]\ny: x[1] & {k: 1}\nz: {x[0]}\n#D: a: [...int]\nw: #D & {a: [1]}\n';
    const { json, positions } = exported(await exportCue({ 'm.cue': source }));
    const pointers: string[] = [];
    const walk = (value: unknown, pointer: string): void => {
      pointers.push(pointer);
      if (typeof value !== 'object' || value === null) return;
      for (const [name, part] of Object.entries(value)) walk(part, `${pointer}/${name}`);
    };
    walk(JSON.parse(json), '');
    expect(Object.keys(positions).sort()).toEqual(pointers.sort());
    expect(pointers.length).toBe(20);
  });

  it('unifies with a definition of a schema, which closes it but for its own definitions', async () => {
    const schema = { 's.cue': '#Manifest: {a!: int, b?: string}\n' };
    const told = async (source: string, definition = '#Manifest') =>
      errorsOf(await exportCue({ 'm.cue': source, ...schema }, { definition })).map((e) => [
        e.path,
        e.message,
        e.positions,
      ]);
    const own = 'package mine\n#Own: 1\n_hidden: 2\nlet c = #Own\na: c\n';
    const result = exported(await exportCue({ 'm.cue': own, ...schema }, { definition: '#Manifest' }));
    expect([result.json, result.positions['/a']]).toEqual(['{"a":1}', at(5, 4)]);
    const missing = ['/a', 'field is required but not present', [at(1, 13, 's.cue')]];
    expect(await told('c: 1\n')).toEqual([['/c', 'field not allowed', [at(1, 1)]], missing]);
    // CUE does not look for fields that are not allowed in a struct that has another error.
    const conflict = 'conflicting values 1 and string (mismatched types int and string)';
    expect(await told('b: 1\nc: 1\n')).toEqual([['/b', conflict, [at(1, 4), at(1, 26, 's.cue')]], missing]);
    expect(await told('a: 1\n', '#Other')).toHaveLength(1);
  });

  it('gives the same bytes every time', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `f${(i * 37) % 61}`);
    const source = `#S: {${names.map((n) => `${n}?: int`).join(', ')}}\nx: #S & {${names.map((n) => `${n}: 1`).join('\n')}}\ny: x\n`;
    const first = await exportCue({ 'm.cue': source });
    expect(exported(first).json).toContain('"f37":1');
    for (let i = 0; i < 3; i++)
      expect(JSON.stringify(await exportCue({ 'm.cue': source }))).toBe(JSON.stringify(first));
  });

  it('refuses to be called without a file', async () => {
    await expect(exportCue({})).rejects.toThrow(TypeError);
  });
});

describe('errors', () => {
  it('reports all at once, what is missing as well as what conflicts, each with its places', async () => {
    const source =
      'a: 1\na: 2\nb: foo!: string\n"é": q: string & 3\nc: string\n#D: x: 1\nd: #D & {y: 2}\nl: [1, 2 & 3, int]\n';
    const result = await exportCue({ 'm.cue': source });
    expect(told(result).sort()).toEqual([
      'evaluation /a: conflicting values 2 and 1',
      'evaluation /b/foo: field is required but not present',
      'evaluation /c: incomplete value string',
      'evaluation /d/y: field not allowed',
      'evaluation /l/1: conflicting values 3 and 2',
      'evaluation /l/2: incomplete value int',
      'evaluation /é/q: conflicting values string and 3 (mismatched types string and int)',
    ]);
    const places = Object.fromEntries(errorsOf(result).map((e) => [e.path, e.positions]));
    expect(places['/a']).toEqual([at(1, 4), at(2, 4)]);
    expect(places['/b/foo']).toEqual([at(3, 4)]);
    expect(places['/é/q']).toEqual([at(4, 9), at(4, 18)]);
  });

  it('reports every syntax error of every file', async () => {
    const errors = errorsOf(await exportCue({ 'm.cue': 'a: }\n', 's.cue': 'b: 1 +\n' }));
    expect(errors.map((e) => e.code)).toContain('syntax');
    expect(new Set(errors.map((e) => e.positions[0]?.file))).toEqual(new Set(['m.cue', 's.cue']));
  });

  it('reports an unknown reference, a contradicting package and a cycle where they are', async () => {
    const unknown = errorsOf(await exportCue({ 'm.cue': 'a: zz\nb: yy\n' }));
    expect(unknown.map((e) => [e.message, e.positions])).toEqual([
      ['reference "zz" not found', [at(1, 4)]],
      ['reference "yy" not found', [at(2, 4)]],
    ]);
    const packages = await exportCue({ 'm.cue': 'package a\n', 's.cue': 'package b\n' });
    expect(errorsOf(packages).map((e) => [e.code, e.positions])).toEqual([['build', [at(1, 1, 's.cue')]]]);
    const cycle = errorsOf(await exportCue({ 'm.cue': 'a: b: a\n' }));
    expect(cycle.map((e) => [e.message, e.positions])).toEqual([['structural cycle', [at(1, 7)]]]);
  });
});

describe('what is outside of the files', () => {
  it('refuses imports of other modules and of commands', async () => {
    const source =
      'import (\n\t"example.com/x"\n\t"tool/exec"\n\t"tool/file"\n\t"list"\n)\na: list.Max([1, x])\n';
    const result = errorsOf(await exportCue({ 'm.cue': source }));
    expect(result.map((e) => [e.code, e.positions])).toEqual([
      ['import-refused', [at(2, 2)]],
      ['import-refused', [at(3, 2)]],
      ['import-refused', [at(4, 2)]],
    ]);
  });

  it('refuses embedding of files, injection of tags and conditional files', async () => {
    const source =
      '@extern(embed)\n@if(foo)\npackage x\na: _ @embed(file="secret.txt")\nb: string @tag(b)\nc: {d: 1, @tag(e)}\n';
    const result = errorsOf(await exportCue({ 'm.cue': source }));
    expect(result.map((e) => `${e.code} ${e.positions[0]?.line}`)).toEqual([
      'attribute-refused 1',
      'attribute-refused 2',
      'attribute-refused 4',
      'attribute-refused 5',
      'attribute-refused 6',
    ]);
    expect(exported(await exportCue({ 'm.cue': 'a: 1 @go(A)\n' })).json).toBe('{"a":1}');
  });
});

describe('limits', () => {
  const loop =
    'import "list"\nr: list.Range(0, 5000, 1)\nx: [for a in r for b in r for c in r if a+b+c < 0 {a}]\n';

  it('stops an endless evaluation and works afterwards', async () => {
    expect(await exportCue({ 'm.cue': loop }, { timeoutMs: 700 })).toEqual({
      ok: false,
      reason: 'timeout',
      timeoutMs: 700,
      errors: [],
    });
    expect((await exportCue({ 'm.cue': 'a: 1' })).ok).toBe(true);
  });

  it('stops a memory bomb at the limit', async () => {
    const doubled = Array.from({ length: 40 }, (_, i) => `x${i + 1}: x${i} + x${i}`).join('\n');
    for (const maxMemoryBytes of [undefined, 64 * 1024 * 1024]) {
      const options = maxMemoryBytes === undefined ? {} : { maxMemoryBytes };
      expect(await exportCue({ 'm.cue': `x0: "lollollol"\n${doubled}\n` }, options)).toEqual({
        ok: false,
        reason: 'memory',
        maxMemoryBytes: maxMemoryBytes ?? 512 * 1024 * 1024,
        errors: [],
      });
    }
    expect(await exportCue({ 'm.cue': 'a: 1' }, { maxMemoryBytes: 1_000_000 })).toMatchObject({
      reason: 'memory',
    });
  });

  it('refuses more output than allowed', async () => {
    const result = await exportCue({ 'm.cue': 'a: "0123456789"' }, { maxOutputBytes: 17 });
    expect(told(result)).toEqual(['output-too-large : exports 18 bytes of JSON, 17 are allowed']);
    expect((await exportCue({ 'm.cue': 'a: "0123456789"' }, { maxOutputBytes: 18 })).ok).toBe(true);
  });

  it('survives deep nesting', async () => {
    const deep = await exportCue({ 'm.cue': `a: ${'['.repeat(100_000)}${']'.repeat(100_000)}` });
    expect(told(deep)).toEqual(['syntax : expression exceeds maximum nesting depth of 10000']);
    const nested = exported(await exportCue({ 'm.cue': `${'a: '.repeat(2000)}1` }));
    expect(nested.json.length).toBe(2000 * 6 + 1);
  });
});

const cue = spawnSync('cue', ['version'], { encoding: 'utf8' });
const isOracle = cue.status === 0 && cue.stdout.includes(`v${CUE_VERSION}`);

describe.runIf(isOracle)('the same as cue export', () => {
  const inputs = {
    plain: 'a: 1\nb: {c: [1, 2.5, 1e3, -0x10], d: null}\n"q r": true\n',
    text: 'a: "<&>\\u2028é\\t"\nb: """\n\tx\n\t  y\n\t"""\nc: \'bytes\'\nd: #"raw \\n"#\n',
    imports:
      'import (\n"strings"\n"list"\n"math"\n"encoding/json"\n"crypto/sha256"\n"encoding/hex"\n)\na: strings.Join(list.Sort(["b", "a"], list.Ascending), "-")\nb: math.Pow(2, 70)\nc: json.Unmarshal("{\\"z\\":1,\\"a\\":[2]}")\nd: hex.Encode(sha256.Sum256("x"))\n',
    comprehension: 'x: {for k, v in {b: 1, a: 2} {"\\(k)_\\(v)": {n: v, if v > 1 {big: true}}}}\n',
    defaults:
      '#S: {n: int | *3, s: string | *"x"}\nx: [string]: #S\nx: {a: {}, b: {n: 4}}\n_h: 1\nlet q = 2\ny: q + _h\n',
    order: 'b: 1\na: 2\nc: {z: 1}\nc: {y: 2}\nb: int\n',
    numbers: 'a: 1K\nb: 1_000\nc: 1.50\nd: 10 / 4\ne: 3 & >2\nf: 1e400\n',
  };
  it.each(Object.entries(inputs))('%s', async (_name, source) => {
    const folder = mkdtempSync(join(tmpdir(), 'cue-oracle-'));
    try {
      writeFileSync(join(folder, 'm.cue'), source);
      const theirs = execFileSync('cue', ['export', 'm.cue'], { cwd: folder, encoding: 'utf8' });
      const { json } = exported(await exportCue({ 'm.cue': source }));
      // Numbers are compared as text: JSON.parse would round them.
      const plain = (text: string) => text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
      expect(plain(json)).toBe(plain(theirs));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
