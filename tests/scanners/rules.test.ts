import { spawnSync } from 'node:child_process';
import { accessSync, constants, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { exampleProblems, type ScanResult } from '../../scripts/rules/example-problems.ts';
import { readRules } from '../../scripts/rules/read-rules.ts';
import { packDigest, packProblems } from '../../scripts/rules-pack.ts';
import { packagedLockPath, readLock } from '../../src/lock/read-lock.ts';
import { ensureInstalled } from '../../src/toolchain/ensure-installed.ts';
import { openStore, toolsDir } from '../../src/toolchain/shared/store.ts';

const root = path.join(import.meta.dirname, '..', '..', 'rules');
const planted = mkdtempSync(path.join(tmpdir(), 'secplan-rules-'));
let engine: string | undefined;

// The copy differs from the pack in this one rule, which no longer matches its bad example.
const broken = { rule: 'secplan/python/weak-hash.yaml', example: 'examples/python/weak-hash.bad.py' };

beforeAll(async () => {
  cpSync(root, planted, { recursive: true });
  engine = await findEngine();
}, 600_000);
afterAll(() => {
  rmSync(planted, { recursive: true, force: true });
});

describe('form of the rule pack', () => {
  test('every rule has its id, metadata and examples, and the generated files are up to date', () => {
    expect(packProblems(root)).toEqual([]);
  });

  test('covers six languages with at least 40 rules, each with both examples', () => {
    const rules = readRules(root);
    expect(rules.length).toBeGreaterThanOrEqual(40);
    expect([...new Set(rules.map((rule) => rule.language))]).toEqual([
      'dockerfile',
      'go',
      'java',
      'javascript',
      'python',
      'yaml',
    ]);
    expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
  });

  test('the digest changes with a byte of a rule and with its place, not with an example', () => {
    const rules = readRules(root);
    const [first, ...rest] = rules;
    expect(packDigest([{ ...first!, text: `${first!.text} ` }, ...rest])).not.toBe(packDigest(rules));
    expect(packDigest([{ ...first!, path: `${first!.path}x` }, ...rest])).not.toBe(packDigest(rules));
    expect(packDigest([{ ...first!, examples: [] }, ...rest])).toBe(packDigest(rules));
  });

  const weakHash = 'secplan/python/weak-hash.yaml';
  const edits: readonly [what: string, file: string, from: RegExp | string, to: string, problem: RegExp][] = [
    [
      'an id that is not its place',
      weakHash,
      'secplan.python.weak-hash',
      'secplan.python.x',
      /its place says/,
    ],
    [
      'a severity that does not fit',
      weakHash,
      'severity: WARNING',
      'severity: ERROR',
      /goes with severity WARNING/,
    ],
    ['a score outside of its band', weakHash, '"5.5"', '"9.5"', /outside of 4-6.9/],
    ['metadata that is missing', weakHash, /^ +likelihood: .*\n/m, '', /metadata.likelihood/],
    ['a weakness that is no CWE', weakHash, 'CWE-328: ', '328 ', /metadata.cwe.0/],
    [
      'a message that says nothing to do',
      weakHash,
      /message: >-\n.*\n.*\n/,
      'message: Bad hash.\n',
      /two sentences/,
    ],
    ['a foreign language', weakHash, '[python]', '[ruby]', /languages must be \[python\]/],
    ['text that is not YAML', weakHash, 'rules:', 'rules: [', /not YAML/],
    ['a bad example that expects nothing', broken.example, /secplan-expect/g, '', /expects no finding/],
    [
      'a good example that expects findings',
      'examples/python/weak-hash.good.py',
      /^/,
      '# secplan-expect\n',
      /expects f/,
    ],
    [
      'a rule changed without its digest',
      weakHash,
      'hashlib.md5(...)',
      'hashlib.md4(...)',
      /pack.json: is stale/,
    ],
    ['an edited table', 'README.md', 'weak-hash', 'strong-hash', /README.md: is stale/],
  ];
  test.each(edits)('reports %s', (_what, file, from, to, problem) => {
    withEdit(
      file,
      (text) => text.replace(from, to),
      () => {
        expect(packProblems(planted).join('\n')).toMatch(problem);
      },
    );
  });

  test('reports a missing and a stray example', () => {
    const good = path.join(planted, 'examples/python/weak-hash.good.py');
    const text = readFileSync(good, 'utf8');
    const stray = path.join(planted, 'examples/python/no-such-rule.bad.py');
    rmSync(good);
    writeFileSync(stray, text);
    const problems = packProblems(planted).join('\n');
    rmSync(stray);
    writeFileSync(good, text);
    expect(problems).toMatch(/weak-hash.yaml: has no passing example/);
    expect(problems).toMatch(/no-such-rule.bad.py: an example of no rule/);
    expect(packProblems(planted)).toEqual([]);
  });
});

describe('comparison of a scan with what the examples promise', () => {
  const rules = readRules(root);
  const perfect: ScanResult = {
    scanned: rules.flatMap((rule) => rule.examples.map((example) => example.path)),
    findings: rules.flatMap((rule) =>
      rule.examples.flatMap(({ path: file, lines }) =>
        lines.map((line) => ({ rule: rule.id, path: file, line })),
      ),
    ),
  };
  const [some] = perfect.findings;
  const good = perfect.scanned.find((file) => file.includes('.good.'))!;

  test('accepts exactly the promised findings', () => {
    expect(exampleProblems(rules, perfect)).toEqual([]);
  });

  test.each<[string, ScanResult, RegExp]>([
    [
      'one that is missing',
      { ...perfect, findings: perfect.findings.slice(1) },
      /expected \[.+\], found \[.*\]/,
    ],
    ['one that is there twice', { ...perfect, findings: [...perfect.findings, some!] }, /expected/],
    [
      'one a line off',
      { ...perfect, findings: [{ ...some!, line: 1 }, ...perfect.findings.slice(1)] },
      /expected/,
    ],
    [
      'one of another rule',
      { ...perfect, findings: [...perfect.findings, { ...some!, rule: 'x' }] },
      / x[,\]]/,
    ],
    [
      'one in a good example',
      { ...perfect, findings: [...perfect.findings, { ...some!, path: good }] },
      /\[\], found/,
    ],
    ['a file not scanned', { ...perfect, scanned: perfect.scanned.slice(1) }, /was not scanned/],
    ['a file of no rule', { ...perfect, scanned: [...perfect.scanned, 'examples/x.bad.py'] }, /of no rule/],
  ])('reports %s', (_what, result, problem) => {
    const problems = exampleProblems(rules, result);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });
});

describe('rules against their examples, with the engine', () => {
  test('every bad example is found at its marked lines, every good one is clean', {
    timeout: 180_000,
  }, (context) => {
    const program = engine;
    if (program === undefined) return skipLoudly(context);
    expect(exampleProblems(readRules(root), scan(program, root, 'secplan', 'examples'))).toEqual([]);
  });

  test('a rule that no longer matches its bad example is reported', { timeout: 60_000 }, (context) => {
    const program = engine;
    if (program === undefined) return skipLoudly(context);
    withEdit(
      broken.rule,
      (text) => text.replaceAll('hashlib', 'nothing'),
      () => {
        const rules = readRules(planted).filter((rule) => rule.path === broken.rule);
        const result = scan(
          program,
          planted,
          broken.rule,
          ...rules.flatMap((rule) => rule.examples.map((e) => e.path)),
        );
        expect(exampleProblems(rules, result).join('\n')).toMatch(
          /weak-hash\.bad\.py: expected \[.+\], found \[\]/,
        );
      },
    );
  });
});

const report = z.object({
  errors: z.array(z.object({ message: z.string().optional() })),
  paths: z.object({ scanned: z.array(z.string()) }),
  results: z.array(
    z.object({ check_id: z.string(), path: z.string(), start: z.object({ line: z.number() }) }),
  ),
});

/** Runs the engine once over files of `folder`; throws where its report is missing or tells of errors. */
function scan(executable: string, folder: string, config: string, ...targets: string[]): ScanResult {
  // Opengrep has no metrics to switch off, and refuses the option.
  const quiet = /opengrep/i.test(path.basename(executable)) ? [] : ['--metrics=off'];
  const fixed = [
    '--disable-version-check',
    '--no-git-ignore',
    '--no-rewrite-rule-ids',
    '--json',
    '--timeout=60',
  ];
  const args = ['scan', ...quiet, ...fixed, '--config', config, ...targets];
  const done = spawnSync(executable, args, { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (done.error) throw done.error;
  if (done.status !== 0)
    throw new Error(`${executable} exited with ${done.status}: ${done.stderr.slice(-4000)}`);
  const found = report.parse(JSON.parse(done.stdout));
  if (found.errors.length > 0)
    throw new Error(`engine errors: ${JSON.stringify(found.errors).slice(0, 4000)}`);
  return {
    scanned: found.paths.scanned,
    findings: found.results.map((result) => ({
      rule: result.check_id,
      path: result.path,
      line: result.start.line,
    })),
  };
}

/** SECPLAN_SEMGREP, which must then work, else the engine that tools.lock.json pins, installed where it is not yet. */
async function findEngine(): Promise<string | undefined> {
  const named = process.env.SECPLAN_SEMGREP;
  if (named !== undefined && named !== '') {
    accessSync(named, constants.X_OK);
    return path.resolve(named);
  }
  const read = readLock(packagedLockPath());
  const lock = read.ok ? read.value : undefined;
  const locked = lock?.tools.opengrep?.semgrep;
  if (lock === undefined || locked === undefined) throw new Error('tools.lock.json pins no engine');
  const provider = { name: 'semgrep', bin: 'semgrep' };
  const installed = await ensureInstalled('opengrep', provider, locked, {
    store: openStore(toolsDir(process.env)),
    lock,
    offline: false,
    workspace: null,
    env: process.env,
  });
  return installed.ok ? path.join(installed.entry.dir, installed.entry.ready.executable) : undefined;
}

function skipLoudly(context: { skip: (note?: string) => void }): void {
  const note =
    'SKIPPED: the pinned engine could not be installed. Set SECPLAN_SEMGREP to one: the rules were NOT run on their examples.';
  process.stderr.write(`\n*** ${note} ***\n`);
  context.skip(note);
}

function withEdit(file: string, edit: (text: string) => string, check: () => void): void {
  const place = path.join(planted, file);
  const text = readFileSync(place, 'utf8');
  const edited = edit(text);
  expect(edited).not.toBe(text);
  writeFileSync(place, edited);
  try {
    check();
  } finally {
    writeFileSync(place, text);
  }
}
