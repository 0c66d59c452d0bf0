import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { PROVIDERS, REPORTS, stageTemplate } from '../../scripts/stage-template.ts';
import { checkScanner } from '../../src/stages/kit/check-scanner.ts';
import { loadScanner } from '../../src/stages/kit/scanner.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'secplan-template-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder below a src that is the project's own but for the new scanners. */
function write(id: string, files: Readonly<Record<string, string>>): string {
  const folder = join(root, 'src/stages', id);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

mkdirSync(join(root, 'src/stages'), { recursive: true });
for (const shared of [
  'src/core',
  'src/stages/contract',
  'src/stages/formats',
  'node_modules',
  'biome.json',
  'package.json',
])
  symlinkSync(join(ROOT, shared), join(root, shared));

const made = REPORTS.flatMap((report) =>
  PROVIDERS.map((provider) => {
    const id = `new-${report}-${provider}`;
    return { id, folder: write(id, stageTemplate({ id, report, provider })) };
  }),
);

test.each(made)('the template $id is a scanner without a wrong declaration', async ({ id, folder }) => {
  expect(checkScanner(id, await loadScanner(folder))).toEqual([]);
});

test('every template compiles and has nothing that lint refuses', () => {
  const tsconfig = { extends: join(ROOT, 'tsconfig.json'), include: ['src'] };
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify(tsconfig));
  const run = (program: string, ...args: string[]) =>
    execFileSync(join(ROOT, 'node_modules/.bin', program), args, { cwd: root, encoding: 'utf8' });
  expect(run('tsc', '--noEmit', '-p', 'tsconfig.json')).toBe('');
  expect(() => run('biome', 'lint', '--vcs-enabled=false', 'src/stages')).not.toThrow();
});
