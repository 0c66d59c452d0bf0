import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateRegistry } from '../../scripts/gen-registry.ts';
import { builtInToolIds } from '../../src/compiler/names/profiles.ts';
import { runProgram } from '../../src/io/run-program.ts';
import { packagedLockPath, readLock } from '../../src/lock/read-lock.ts';
import { catalogue } from '../../src/stages/catalogue.gen.ts';
import { scannerMisses } from '../../src/stages/kit/scanner-misses.ts';
import { TOY_FILES, TOY_ID, TOY_REPORT, TOY_STAGE } from '../support/toy-scanner.ts';

/** Every scanner of the toolchain, by family. */
const REQUIRED = {
  static: 'ruff bandit opengrep codeql flawfinder brakeman gosec psalm cppcheck horusec',
  packages:
    'trivy-fs trivy-image trivy-config trivy-k8s syft grype dependency-track cyclonedx-cli dependency-check ort osv-scanner depscan license-audit',
  secrets: 'gitleaks trufflehog detect-secrets',
  infrastructure: 'checkov terrascan kics tfsec conftest opa gatekeeper kyverno hadolint zizmor',
  dynamic: 'zap schemathesis newman w3af akto restler graphql-raider',
  cluster: 'kubescape kube-bench kube-hunter falco inspektor-gadget tetragon tracee',
  cloud: 'cloud-custodian steampipe scoutsuite prowler',
  trust: 'cosign in-toto slsa sigstore rekor scorecard',
  fuzzing: 'afl libfuzzer oss-fuzz zzuf',
  privacy: 'presidio',
  own: 'custom',
} as const;

/** Not written yet. Takes no new entry, and is empty in the end. */
const TO_COME: readonly string[] = [];

const required = Object.values(REQUIRED).flatMap((ids) => ids.split(' '));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const copies: string[] = [];

/** The project, as far as it takes to generate and to test a scanner. */
function projectCopy(): string {
  const root = mkdtempSync(join(tmpdir(), 'secplan-test-'));
  copies.push(root);
  const parts = [
    'src',
    'tests',
    'scripts',
    'schema',
    'assets',
    'docs',
    'manifests',
    'tools.lock.json',
    'package.json',
    'tsconfig.json',
    'vitest.config.ts',
    'biome.json',
  ];
  for (const part of parts) {
    cpSync(join(ROOT, part), join(root, part), {
      recursive: true,
      filter: (path) => !/\/(node_modules|build|e2e)(\/|$)/.test(path.slice(ROOT.length - 1)),
    });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  return root;
}

function add(root: string, files: Readonly<Record<string, string>>, id: string = TOY_ID): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, 'src/stages', id, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  }
}

async function node(root: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return runProgram(process.execPath, [...argv], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', HOME: root, NO_COLOR: '1', ...env },
    timeoutMs: 300_000,
  });
}

function vitest(root: string, env: Readonly<Record<string, string>>, ...argv: string[]) {
  return node(root, ['node_modules/vitest/vitest.mjs', 'run', ...argv], env);
}

afterAll(() => {
  for (const root of copies) rmSync(root, { recursive: true, force: true });
});

describe('the catalogue', () => {
  it('has every scanner of the toolchain', () => {
    expect(required.filter((id) => !catalogue.has(id) && !TO_COME.includes(id))).toEqual([]);
    expect(new Set(required).size).toBe(required.length);
  });

  it('knows of those still to come', () => {
    const done = TO_COME.filter((id) => catalogue.has(id));
    if (done.length > 0) process.stdout.write(`catalog: to be taken off the list: ${done.join(', ')}\n`);
    expect(TO_COME.filter((id) => !required.includes(id))).toEqual([]);
  });

  it('has every scanner that a built-in profile names', () => {
    expect([...builtInToolIds()].filter((id) => !catalogue.has(id) && !TO_COME.includes(id))).toEqual([]);
  });

  it('has nothing that `just scanner` misses', async () => {
    const lock = readLock(packagedLockPath());
    if (!lock.ok || lock.value === undefined) throw new Error('tools.lock.json cannot be read');
    for (const id of catalogue.keys()) {
      const misses = await scannerMisses(id, join(ROOT, 'src/stages', id), lock.value);
      // A pin may be impossible here: its cases are tested all the same.
      expect(
        misses.filter(({ runs }) => runs !== true),
        id,
      ).toEqual([]);
    }
  });

  it('would miss one', () => {
    const without = new Map([...catalogue].filter(([id]) => id !== 'bandit'));
    expect(required.filter((id) => !without.has(id) && !TO_COME.includes(id))).toEqual(['bandit']);
  });
});

describe('the generator', () => {
  const edit = (from: string | RegExp, to: string) => ({
    ...TOY_FILES,
    'stage.ts': TOY_STAGE.replace(from, to),
  });
  const option = (schema: string) => edit('quick: z.boolean().default(false)', `quick: ${schema}.optional()`);
  const BAD: readonly (readonly [what: string, files: Readonly<Record<string, string>>, says: RegExp])[] = [
    ['without a stage.ts', drop('stage.ts'), /has no stage\.ts/],
    ['without a command.ts', drop('command.ts'), /has no command\.ts/],
    ['without a report.ts', drop('report.ts'), /has no report\.ts/],
    ['without an export', edit('export const stage', 'export const other'), /exports no `stage`/],
    ['without options', edit('export const options', 'const options'), /stage\.ts exports no `options`/],
    [
      'without a reader',
      { ...TOY_FILES, 'report.ts': TOY_REPORT.replace('export const report', 'export const other') },
      /report\.ts exports no `report`/,
    ],
    ['under another id', edit(/id: '[a-z-]+'/, "id: 'other'"), /declares the id other/],
    ['without a clean case', drop('cases/clean'), /no case clean/],
    ['without findings', drop('cases/findings'), /no case findings/],
    ['without a provider', edit(/providers: \[[^\]]*\]/, 'providers: []'), /no provider/],
    [
      'that builds no PyPI package from source',
      edit("kind: 'pypi'", "kind: 'npm', sourceBuilds: ['a']"),
      /sourceBuilds, which are PyPI's/,
    ],
    [
      'that builds a name which is none',
      edit("kind: 'pypi'", "kind: 'pypi', sourceBuilds: ['A_b']"),
      /A_b is no normalised name/,
    ],
    [
      'that may leave nothing',
      edit("file: 'toy.json'", "file: 'toy.json', mayBeEmpty: true"),
      /nothing would prove/,
    ],
    [
      'all critical',
      edit(/severities: \{[^}]*\}/, "severities: { a: 'critical', b: 'critical' }"),
      /every severity/,
    ],
    [
      'with severities in upper case',
      edit(/severities: \{[^}]*\}/, "severities: { High: 'high' }"),
      /not in lower case/,
    ],
    ['with an option that is changed', option('z.string().trim()'), /quick is changed, or checked by code/],
    ['with an option that code checks', option('z.string().refine(Boolean)'), /quick is changed, or checked/],
    ['with an option of a format', option('z.url()'), /quick has the format url/],
    ['with an option made of another', option('z.string().transform(Number)'), /is a z\.pipe/],
    [
      'with a default within',
      option('z.array(z.object({ a: z.string().default("x") }).strict())'),
      /a has a default/,
    ],
    ['with an open object', option('z.object({ a: z.string() })'), /is no z\.strictObject/],
    ['with a fault text that always hits', edit("'^toy: '", "'x?'"), /hits an empty line/],
    ['with a fault text that is none', edit("'^toy: '", "'('"), /no regular expression/],
  ];
  let root = '';
  beforeAll(() => {
    root = projectCopy();
  });

  it.each(BAD)('refuses a folder %s', async (what, files, says) => {
    // A folder of its own: a module is imported once.
    const folder = join(root, what.replaceAll(' ', '-'));
    const stage = join(folder, TOY_ID);
    mkdirSync(stage, { recursive: true });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(stage, path, '..'), { recursive: true });
      writeFileSync(join(stage, path), text.replaceAll("'../", `'${join(root, 'src/stages')}/`));
    }
    await expect(generateRegistry(folder)).rejects.toThrow(says);
  });

  it('takes the same folder as it should be', async () => {
    const folder = join(root, 'stages-of-none-bad');
    for (const [path, text] of Object.entries(TOY_FILES)) {
      const file = join(folder, TOY_ID, path);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, text.replaceAll("'../", `'${join(root, 'src/stages')}/`));
    }
    const { source, options } = await generateRegistry(folder);
    expect(source).toContain(`import('./${TOY_ID}/command.ts')`);
    expect(source).toContain(`import('./${TOY_ID}/report.ts')`);
    expect(options).toHaveProperty([TOY_ID, 'properties', 'quick']);
  });
});

describe('a toy scanner', () => {
  it('takes one folder; `just scanner` names each miss with what to do, until nothing is missing', {
    timeout: 600_000,
  }, async () => {
    const root = projectCopy();
    const held = () => node(root, ['scripts/scanner.ts', TOY_ID]);
    expect((await held()).stdout).toContain(
      `${TOY_ID}: it has no stage.ts. To do: \`just new-stage ${TOY_ID}\` writes all three`,
    );
    add(root, drop('cases/malformed'));
    const gen = await node(root, ['scripts/gen.ts']);
    expect(gen.code, gen.stderr).toBe(0);
    expect(readFileSync(join(root, 'schema/options.gen.json'), 'utf8')).toContain(TOY_ID);

    const unfinished = await held();
    expect(unfinished.code).toBe(1);
    for (const line of [
      `tools.lock.json does not pin its provider pypi (pypi). To do: node scripts/lock.ts ${TOY_ID}`,
      `no case malformed. To do: just record ${TOY_ID} malformed`,
      `case clean has no result.golden.json. To do: just golden ${TOY_ID}`,
      '6 missing, tests not run',
    ])
      expect(unfinished.stdout).toContain(`${TOY_ID}: ${line}`);
    pin(root);
    const cut = await node(root, ['scripts/record.ts', TOY_ID, 'malformed']);
    expect(cut.stdout + cut.stderr).toContain('the report of findings, truncated after');
    // Its goldens are read, so to say, by being in the files; then they have to hold.
    await vitest(
      root,
      { UPDATE_GOLDEN: '1', SECPLAN_TEST_SCANNERS: TOY_ID },
      'tests/scanners/stages.test.ts',
    );
    const whole = await held();
    expect(whole.stdout).toMatch(new RegExp(`^${TOY_ID}: nothing missing, \\d\\d tests passed`));
    expect(whole.code).toBe(0);

    // One that has nothing to look at in the fault matrix would fail in each of its cells.
    add(root, {
      'stage.ts': TOY_STAGE.replace("'**/*.py'", "'**/*.zig'").replace('memoryMb: 64 },', 'memoryMb: 64  },'),
    });
    const unfed = await held();
    expect(unfed.stdout).toContain(
      `${TOY_ID}: no file of the fault matrix matches **/*.zig. To do: add one to files in src/stages/${TOY_ID}/cases/faults.json`,
    );
    expect(unfed.stdout).toContain(
      `biome refuses src/stages/${TOY_ID}/stage.ts (format). To do: npx biome check --write src/stages/${TOY_ID}`,
    );
    expect(unfed.stdout).toContain('2 missing, tests not run');
    add(root, { 'stage.ts': TOY_STAGE });

    // One that is blind, and says that it saw, is found out.
    add(root, { 'report.ts': TOY_REPORT.replace('read.value.seen', '1') });
    const blind = await held();
    expect(blind.code).toBe(1);
    expect(blind.stdout).toContain(`${TOY_ID} × none looked at`);
    expect(blind.stdout).toMatch(
      /case clean: .*result\.golden\.json: line \d+ is now "count": 1,, was "count": 2,/,
    );
  });
});

/** Its folder without the files below a path. */
function drop(prefix: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(TOY_FILES).filter(([path]) => !path.startsWith(prefix)));
}

/** As `node scripts/lock.ts` would, from a registry. */
function pin(root: string): void {
  const path = join(root, 'tools.lock.json');
  const lock = JSON.parse(readFileSync(path, 'utf8')) as { tools: Record<string, Record<string, unknown>> };
  const tools = { ...lock.tools, [TOY_ID]: { pypi: lock.tools.bandit?.pypi } };
  writeFileSync(path, JSON.stringify({ ...lock, tools }));
}
