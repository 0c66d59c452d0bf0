import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ParsedFinding } from '../../../src/core/finding.ts';
import { createPublishRedactor } from '../../../src/core/redaction/redactor.ts';
import { identify, severityOf } from '../../../src/executor/judge/identify.ts';
import { learnSecrets } from '../../../src/executor/judge/learn-secrets.ts';
import { secretTag, secretValues } from '../../../src/executor/judge/secret-span.ts';
import { createLineReader } from '../../../src/io/line-reader.ts';
import { toolStage } from '../../support/tool-stage.ts';

const STAGE = toolStage('t');

function reader(source: string) {
  const lines = source.split('\n');
  return (path: string, line: number) => (path === 'a.py' ? lines[line - 1] : undefined);
}

function prints(source: string, findings: readonly ParsedFinding[], stage = STAGE): string[] {
  return identify(stage, {}, findings, reader(source)).map((finding) => finding.fingerprint);
}

function code(startLine: number, over: Partial<ParsedFinding> = {}): ParsedFinding {
  return { kind: 'code', rule: { id: 'R' }, message: 'm', span: { path: 'a.py', startLine }, ...over };
}

describe('fingerprints of code', () => {
  it('hold when lines move and white space changes, not when the line’s text does', () => {
    const [before] = prints('eval(x)', [code(1)]);
    expect(prints('\n\n    eval(x)  ', [code(3)])).toEqual([before]);
    expect(prints('eval(y)', [code(1)])).not.toEqual([before]);
  });

  it('tell rules, paths and equal lines apart, whatever the order of the report', () => {
    const source = 'eval(x)\neval(x)';
    const [one, two] = prints(source, [code(1), code(2)]);
    expect(one).not.toBe(two);
    expect(prints(source, [code(2), code(1)])).toEqual([two, one]);
    expect(prints(source, [code(1), code(1)])).toEqual([one, one]);
    expect(prints(source, [code(1, { rule: { id: 'S' } })])).not.toEqual([one]);
    expect(prints(source, [code(1, { span: { path: 'b.py', startLine: 1 } })])).not.toEqual([one]);
  });

  it('change with a further place, whatever the order of the places', () => {
    const source = 'eval(x)\neval(y)\neval(z)';
    const line = (startLine: number) => ({ path: 'a.py', startLine });
    const [one] = prints(source, [code(1)]);
    const [two] = prints(source, [code(1, { alsoAt: [line(2)] })]);
    const [three] = prints(source, [code(1, { alsoAt: [line(2), line(3)] })]);
    expect(new Set([one, two, three]).size).toBe(3);
    expect(prints(source, [code(1, { alsoAt: [line(3), line(2)] })])).toEqual([three]);
    expect(prints(`\n${source}`, [code(2, { alsoAt: [line(3)] })])).toEqual([two]);
  });

  it('never rest on a place outside of the workspace: the next one is the first', () => {
    const [moved] = identify(
      STAGE,
      {},
      [code(1, { span: { path: '../x.py' }, alsoAt: [{ path: 'a.py', startLine: 1 }, { path: '/y' }] })],
      reader('eval(x)'),
    );
    expect(moved).toMatchObject({ span: { path: 'a.py', startLine: 1 } });
    expect(moved).not.toHaveProperty('alsoAt');
  });
});

describe('fingerprints of secrets', () => {
  const secret = (over: Partial<ParsedFinding['span']> = {}): ParsedFinding =>
    code(1, { kind: 'secret', span: { path: 'a.py', startLine: 1, ...over } });

  const at = (line: string, over: Partial<ParsedFinding['span']> = {}) => prints(line, [secret(over)])[0];
  const columns = { startColumn: 8, endColumn: 18 };

  it('depend on the value, not on the rule or on what else the line says', () => {
    for (const span of [columns, {}, { startColumn: 12, endColumn: 16 }]) {
      const print = at('key = "abcdefgh1"', span);
      expect(prints('key = "abcdefgh1"', [{ ...secret(span), rule: { id: 'other' } }])).toEqual([print]);
      expect(at('    key = "abcdefgh1"  '.trim(), span)).toBe(print);
      expect(at('key = "zyxwvuts9"', span)).not.toBe(print);
    }
    expect(at('key = "abcdefgh1" # one')).toBe(at('key = "abcdefgh1" # two'));
    expect(at('AKIAIOSFODNN7EXAMPLE')).not.toBe(at('AKIAIOSFODNN7OTHERXX'));
    expect(at('"AKIAIOSFODNN7EXAMPLE": 1')).not.toBe(at('"AKIAIOSFODNN7OTHERXX": 1'));
  });

  it('are the same where a tool is wrong by a column, and see the last character of a value', () => {
    const [gitleaks, exact] = [
      { startColumn: 12, endColumn: 31 },
      { startColumn: 13, endColumn: 32 },
    ];
    const line = 'aws_key = "AKIAQYLPMN5HHHFPZAM2"';
    const others = [exact, { startColumn: 12, endColumn: 32 }, { startColumn: 12, endColumn: 33 }];
    for (const span of others) expect(at(line, span)).toBe(at(line, gitleaks));
    expect(at(line.replace('AM2', 'AM3'), gitleaks)).not.toBe(at(line, gitleaks));
  });

  it('depend on a whole private key, also where a tool names its first line only', () => {
    const key = (body: string, indent = '') =>
      ['-----BEGIN RSA PRIVATE KEY-----', body, '-----END RSA PRIVATE KEY-----', 'rest'].join(`\n${indent}`);
    const print = at(key('MIIabc'));
    expect(at(key('MIIabc', '  '))).toBe(print);
    expect(at(key('MIIabc').replace('rest', 'other'))).toBe(print);
    expect(at(key('MIIxyz'))).not.toBe(print);
    expect(at(key('MIIabc'), { startLine: 2, startColumn: 1, endColumn: 7 })).not.toBe(
      at(key('MIIxyz'), { startLine: 2, startColumn: 1, endColumn: 7 }),
    );
    expect(at(key('MIIabc'), { startLine: 2 })).toBe(print);
    expect(at(key('MIIxyz'), { endLine: 3 })).not.toBe(at(key('MIIabc'), { endLine: 3 }));
  });

  it('hold sixteen bits of the value, so that nobody can test a guess against them', () => {
    const tags = new Set<string>();
    for (let value = 0; value < 2_000; value++) {
      const tag = secretTag({ path: 'a.py', startLine: 1 }, reader(`key = "Zx9-${value}-value"`));
      expect(tag).toMatch(/^[0-9a-f]{4}$/);
      tags.add(tag ?? '');
    }
    // A longer tag would give 2,000.
    expect(tags.size).toBeLessThan(2_000);
    const collide = valuesOfOneTag();
    expect(at(`key = "${collide[0]}"`)).toBe(at(`key = "${collide[1]}"`));
  });

  /** Two values with one tag: all else of the fingerprint is the same, so it says no more than the tag. */
  function valuesOfOneTag(): readonly [string, string] {
    const seen = new Map<string, string>();
    for (let number = 0; ; number++) {
      const value = `Zx9-${number}-value`;
      const tag = secretTag({ path: 'a.py', startLine: 1 }, reader(`key = "${value}"`)) ?? '';
      const other = seen.get(tag);
      if (other !== undefined) return [other, value];
      seen.set(tag, value);
    }
  }

  it('tell two secrets of one file apart', () => {
    const both = [secret(), { ...secret(), span: { path: 'a.py', startLine: 2 } }];
    const [one, two] = prints('a = "x"\na = "y"', both);
    expect(one).not.toBe(two);
  });
});

it('fingerprints of vulnerabilities and licences are those of advisory, package and target', () => {
  const vulnerability = (over: Partial<ParsedFinding>): ParsedFinding => ({
    kind: 'vulnerability',
    rule: { id: 'GHSA-1' },
    message: 'm',
    package: { name: 'p', purl: 'pkg:pypi/p@1?x=1' },
    advisories: ['GHSA-1', 'CVE-2020-1'],
    ...over,
  });
  const [print] = prints('', [vulnerability({})]);
  const same = vulnerability({
    rule: { id: 'CVE-2020-1' },
    advisories: ['CVE-2020-1'],
    message: 'else',
    package: { name: 'p', purl: 'pkg:pypi/p@1' },
  });
  expect(prints('', [same])).toEqual([print]);
  expect(prints('', [vulnerability({ package: { name: 'q' } })])).not.toEqual([print]);
  expect(prints('', [vulnerability({ advisories: ['CVE-2020-2'] })])).not.toEqual([print]);
  expect(prints('', [vulnerability({})], toolStage('t:web'))).not.toEqual([print]);
  const licence = (id: string): ParsedFinding => ({
    kind: 'license',
    rule: { id },
    message: 'm',
    package: { name: 'p' },
  });
  expect(prints('', [licence('GPL-3.0')])).not.toEqual(prints('', [licence('MIT')]));
});

it('severity: map by rule, map by level, the parser’s, the tool’s scale, medium', () => {
  const scale = { error: 'high' } as const;
  const of = (severityMap: Record<string, 'low' | 'info'>, over: Partial<ParsedFinding>) =>
    severityOf({ severityMap }, scale, code(1, over));
  expect(of({ R: 'low', ERROR: 'info' }, { toolLevel: 'Error', severity: 'critical' })).toBe('low');
  expect(of({ ERROR: 'info' }, { toolLevel: 'Error', severity: 'critical' })).toBe('info');
  expect(of({}, { toolLevel: 'Error', severity: 'critical' })).toBe('critical');
  expect(of({}, { toolLevel: 'Error' })).toBe('high');
  expect(of({}, { toolLevel: 'constructor' })).toBe('medium');
});

it('a path that leaves the workspace is taken off, half a surrogate pair made whole', () => {
  for (const path of ['/etc/passwd', '../x', 'a/../../x', 'a\0b', './a.py', 'a//b']) {
    const [finding] = identify(STAGE, {}, [code(1, { span: { path, startLine: 1 } })], () => undefined);
    expect(finding).not.toHaveProperty('span');
    expect(finding?.accounts[0]).not.toHaveProperty('span');
  }
  const [finding] = identify(STAGE, {}, [code(1, { message: 'x\ud800' })], () => undefined);
  expect(finding?.message).toBe('x\ufffd');
});

describe('createLineReader', () => {
  it('reads files that are allowed, and through no link that leads out', () => {
    const root = mkdtempSync(join(tmpdir(), 'secplan-test-'));
    mkdirSync(join(root, 'w'));
    writeFileSync(join(root, 'outside'), 'out\n');
    writeFileSync(join(root, 'w', 'a.py'), 'one\r\ntwo\nthree');
    symlinkSync('../outside', join(root, 'w', 'link'));
    symlinkSync('a.py', join(root, 'w', 'inner'));
    const read = createLineReader(join(root, 'w'), new Set(['a.py', 'link', 'inner', 'gone']));
    expect([1, 2, 3, 4, 0].map((line) => read('a.py', line))).toEqual([
      'one',
      'two',
      'three',
      undefined,
      undefined,
    ]);
    expect(read('inner', 1)).toBe('one');
    expect(read('link', 1)).toBe('');
    expect(read('gone', 1)).toBe('');
    expect(read('../outside', 1)).toBeUndefined();
    rmSync(root, { recursive: true });
  });
});

it('what the redactor learns of a secret’s place is its value', () => {
  const at = (line: string, span: object = {}) =>
    secretValues({ path: 'a.py', startLine: 1, ...span }, reader(line));
  expect(at('key = "Zx9-value"')).toEqual(['Zx9-value']);
  expect(at("connect('localhost', password='hunter22x')")).toEqual(['hunter22x']);
  expect(at('TOKEN=ghp_abc123DEF')).toEqual(['ghp_abc123DEF']);
  expect(at('api_key = "Zx9-value" # x', { startColumn: 1, endColumn: 22 })).toEqual(['Zx9-value']);
  expect(at('x = Zx9-value', { startColumn: 5, endColumn: 14 })).toEqual(['Zx9-value']);
  expect(at('-----BEGIN KEY-----\nMIIabc\n-----END KEY-----', { endLine: 3 })).toEqual([
    '-----BEGIN KEY-----\nMIIabc\n-----END KEY-----',
  ]);
  expect(at('x = "Zx9-value"', { startColumn: 6, endColumn: 14 })).toEqual(['Zx9-valu', 'Zx9-value']);
  expect(at('-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----\nx')).toEqual([
    '-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----',
  ]);
  expect(at('-----BEGIN PRIVATE KEY-----\nMIIabc')).toEqual([]);
  expect(secretValues({ path: 'a.py' }, reader('x'))).toEqual([]);
});

describe('learnSecrets', () => {
  const secret = (startLine: number) => ({ kind: 'secret' as const, span: { path: 'a.py', startLine } });

  it('teaches the value of each secret, and of no other finding', async () => {
    const redactor = createPublishRedactor([]);
    const readLine = reader('a = "Zx9-one"\nb = "Zx9-two"\nc = "Zx9-three"');
    await learnSecrets([secret(1), { ...secret(2), kind: 'code' }, secret(3)], readLine, redactor);
    expect(redactor.text('Zx9-one Zx9-two Zx9-three')).toBe('[redacted] Zx9-two [redacted]');
  });

  it('lets the event loop turn between many, so that signals are obeyed', async () => {
    const values = Array.from({ length: 4000 }, (_, index) => `Zx9-${index}-${index * 7919}`);
    const redactor = createPublishRedactor([]);
    let learned = false;
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (!learned) setImmediate(count);
    };
    setImmediate(count);
    const readLine = reader(values.map((value) => `a = "${value}"`).join('\n'));
    await learnSecrets(
      values.map((_, index) => secret(index + 1)),
      readLine,
      redactor,
    );
    learned = true;
    expect(turns).toBeGreaterThanOrEqual(3);
    expect(redactor.text(values.join(' '))).toBe(values.map(() => '[redacted]').join(' '));
  });

  it('reads a line that holds many secrets once', async () => {
    let reads = 0;
    const line = 'a = "Zx9-one", b = "Zx9-two"';
    const readLine = (): string => {
      reads += 1;
      return line;
    };
    const redactor = createPublishRedactor([]);
    await learnSecrets([secret(1), secret(1), secret(1)], readLine, redactor);
    expect(reads).toBe(1);
    expect(redactor.text(line)).toBe('a = "[redacted]", b = "[redacted]"');
  });
});
