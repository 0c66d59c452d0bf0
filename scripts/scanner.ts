// `node scripts/scanner.ts ID` holds one scanner to all that holds: generates, looks at its folder, and runs its cases, the
// fault matrix and the parser cuts. Each miss is one line, with what to do. Exit 1 where there is one.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packagedLockPath, readLock } from '../src/lock/read-lock.ts';
import { type Miss, scannerMisses } from '../src/stages/kit/scanner-misses.ts';

const [id = ''] = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'src/stages', id);
const started = performance.now();
const lock = readLock(packagedLockPath());
if (!lock.ok) throw new Error('tools.lock.json cannot be read');

const misses: Miss[] = await scannerMisses(id, folder, lock.value ?? { tools: {} });
const whole = misses.every(({ runs }) => runs);
const generated = whole ? generate() : undefined;
if (generated !== undefined) misses.push(generated);
misses.push(...unformatted());
const tests = whole && generated === undefined ? test() : undefined;
misses.push(...(tests?.misses ?? []));

for (const { what, todo } of misses) process.stdout.write(`${id}: ${what}. To do: ${todo}\n`);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
const count = misses.length === 0 ? 'nothing missing' : `${misses.length} missing`;
const ran = tests === undefined ? 'tests not run' : `${tests.passed} tests passed`;
process.stdout.write(`${id}: ${count}, ${ran}, ${seconds} s\n`);
process.exitCode = misses.length === 0 ? 0 : 1;

function generate(): Miss | undefined {
  const ran = spawnSync(process.execPath, ['scripts/gen.ts'], { cwd: root, encoding: 'utf8' });
  if (ran.status === 0) return undefined;
  const why = ran.stderr.match(/^Error: (.*)$/m)?.[1] ?? ran.stderr.trim().slice(-500);
  return { what: `just gen fails: ${why}`, todo: 'edit the file that it names' };
}

/** `just ready` fails on these; here each is named before. */
function unformatted(): Miss[] {
  const where = `src/stages/${id}`;
  const ran = spawnSync(
    join(root, 'node_modules/.bin/biome'),
    ['check', '--vcs-enabled=false', '--reporter=json', where],
    { cwd: root, encoding: 'utf8' },
  );
  if (ran.status === 0) return [];
  const { diagnostics } = JSON.parse(ran.stdout) as {
    diagnostics: { category: string; location: { path: string } }[];
  };
  const files = new Set(diagnostics.map(({ category, location }) => `${location.path} (${category})`));
  return [...files].map((what) => ({
    what: `biome refuses ${what}`,
    todo: `npx biome check --write ${where}`,
  }));
}

interface TestReport {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Its cases, its cells of the fault matrix, and its reports cut off and broken. */
function test(): { readonly passed: number; readonly misses: readonly Miss[] } {
  const scratch = mkdtempSync(join(tmpdir(), 'secplan-scanner-'));
  const report = join(scratch, 'report.json');
  const files = ['stages.test.ts', 'fault-matrix.test.ts', 'parsers-bad-input.test.ts'].map(
    (file) => `tests/scanners/${file}`,
  );
  try {
    spawnSync(join(root, 'node_modules/.bin/vitest'), ['run', ...files], {
      cwd: root,
      stdio: 'ignore',
      env: { ...process.env, SECPLAN_TEST_SCANNERS: id, SECPLAN_TEST_REPORT: report },
    });
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as TestReport;
    const all = testResults.flatMap(({ assertionResults }) => assertionResults);
    return {
      passed: all.filter(({ status }) => status === 'passed').length,
      misses: [
        ...testResults
          .filter(({ assertionResults }) => assertionResults.length === 0)
          .map(({ message }) => ({ what: firstLine(message), todo: `just golden ${id} shows all of it` })),
        ...all
          .filter(({ status }) => status === 'failed')
          .map(({ fullName, failureMessages }) => ({
            what: `${fullName}: ${failureMessages.map(firstLine).join('; ')}`,
            todo: /golden/.test(failureMessages.join())
              ? `read the difference, then just golden ${id}`
              : `edit src/stages/${id}; docs/reference/scanner-rules.md lists the rules`,
          })),
      ],
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Of an assertion: what is wrong, and the lines that show it, without the stack. */
function firstLine(text: string): string {
  const lines = text
    .replace(/\n\s*at .*/gs, '')
    .split('\n')
    .map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .slice(0, 6)
    .join(' ')
    .slice(0, 600);
}
