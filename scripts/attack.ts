import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ENGINE_ATTACKS,
  ENGINE_GREEDY,
  PLACES,
  runEngineAttacks,
  TOGETHER,
} from '../tests/dagger-engine/engine-attacks.ts';
import { realEngine } from '../tests/dagger-engine/real-engine.ts';
import { ATTACKERS, type AttackOutcome, runAttacks, SECRET } from '../tests/support/attack-rig.ts';
import { GREEDY } from '../tests/support/greedy-attacks.ts';
import { ATTACKS } from '../tests/support/sandbox-attacks.ts';

// node scripts/attack.ts: every attack on this machine, as root (where this is root) and as an ordinary user, and in containers of
// a Dagger engine where SECPLAN_TEST_DAGGER names one; a row each, then how many were tried, held and worked, and what is not
// enforced. Exit code 1 when one worked.

/** Files of tests whose every case is an attack: on the system call filter, on redaction, on who decides, on evidence. */
const ATTACK_TESTS = [
  'tests/unit/executor/runtimes/seccomp-filter.test.ts',
  'tests/unit/executor/runtimes/sandbox-attacks.test.ts',
  'tests/unit/executor/runtimes/sandbox-attacks-at-start.test.ts',
  'tests/unit/executor/hostile-outputs.test.ts',
  'tests/unit/toolchain/toolchain-source-builds.test.ts',
  'tests/unit/app/workspace-trust.test.ts',
  'tests/unit/app/tree-leads-out.test.ts',
  'tests/unit/core/spellings.test.ts',
  'tests/e2e/who-decides.test.ts',
  'tests/e2e/terminal.test.ts',
  'tests/e2e/installer-settings.test.ts',
  ...process.argv.slice(2),
];

interface Row {
  readonly who: string;
  readonly attack: string;
  readonly held: boolean;
}

const rows: Row[] = [];
const notEnforced = new Set<string>();
for (const who of ATTACKERS) {
  const sandbox = await runAttacks(
    who,
    ATTACKS.map(([, text]) => ({ text: `${text}; exit 0` })),
  );
  const limits = await runAttacks(
    who,
    GREEDY.map(([, attack]) => ({ timeoutMs: 60_000, ...attack })),
  );
  for (const fact of [...sandbox.notEnforced, ...limits.notEnforced]) notEnforced.add(`${who}: ${fact}`);
  for (const [index, [attack]] of ATTACKS.entries()) {
    const outcome = sandbox.outcomes[index];
    rows.push({ who, attack, held: outcome !== undefined && held(outcome) });
  }
  for (const [index, [attack]] of GREEDY.entries())
    rows.push({ who, attack: `take ${attack}`, held: limits.outcomes[index]?.execution.ok === false });
}
const engine = realEngine();
for (const who of engine === undefined ? [] : PLACES) {
  const sandbox = await runEngineAttacks(
    engine as NonNullable<typeof engine>,
    who,
    ENGINE_ATTACKS.map(([, text]) => ({ text: `${text}; exit 0` })),
    TOGETHER,
  );
  const limits = await runEngineAttacks(
    engine as NonNullable<typeof engine>,
    who,
    ENGINE_GREEDY.map(([, attack]) => attack),
  );
  for (const [index, outcome] of sandbox.outcomes.entries()) {
    rows.push({ who, attack: ENGINE_ATTACKS[index]?.[0] ?? '', held: held(outcome) });
    for (const fact of (outcome.execution.ok && outcome.execution.notEnforced) || [])
      notEnforced.add(`${who}: ${fact}`);
  }
  for (const [index, { execution }] of limits.outcomes.entries())
    rows.push({ who, attack: `take ${ENGINE_GREEDY[index]?.[0]}`, held: !execution.ok });
}
rows.push(...testedRows());

for (const { who, attack, held } of rows)
  process.stdout.write(`${held ? 'held  ' : 'WORKED'}  ${who.padEnd(6)}  ${attack}\n`);
const worked = rows.filter((row) => !row.held).length;
process.stdout.write(`\ntried ${rows.length}, held ${rows.length - worked}, worked ${worked}\n`);
for (const fact of [...notEnforced].sort()) process.stdout.write(`not enforced here, ${fact}\n`);
process.exit(worked === 0 ? 0 : 1);

function held({ execution, stdout }: Pick<AttackOutcome, 'execution' | 'stdout'>): boolean {
  return execution.ok && !stdout.includes('WORKED') && !stdout.includes(SECRET);
}

/** The cases of the test files above, a row each; a file that did not run is an attack that worked. */
function testedRows(): Row[] {
  const folder = mkdtempSync(join(tmpdir(), 'secplan-attack-'));
  const file = join(folder, 'results.json');
  try {
    spawnSync('vitest', ['run', '--reporter=json', `--outputFile=${file}`, ...ATTACK_TESTS], {
      stdio: 'ignore',
    });
    const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly testResults: readonly {
        readonly name: string;
        readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
      }[];
    };
    const ran = testResults.flatMap(({ assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'passed' || status === 'failed')
        .map(({ fullName, status }) => ({ who: 'test', attack: fullName, held: status === 'passed' })),
    );
    const missing = ATTACK_TESTS.filter(
      (path) =>
        !testResults.some(({ name, assertionResults }) => name.endsWith(path) && assertionResults.length > 0),
    );
    return [...ran, ...missing.map((path) => ({ who: 'test', attack: `${path} did not run`, held: false }))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
