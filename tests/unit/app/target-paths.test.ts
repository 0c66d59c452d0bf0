import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compileManifest } from '../../../src/app/compile/compile-manifest.ts';
import { scanOptions } from '../../../src/app/contract/scan-options.ts';
import { prepareScan } from '../../../src/app/prepare/prepare-scan.ts';
import { canonicalJson } from '../../../src/core/canonical.ts';

const MANIFEST = {
  apiVersion: 'secplan/v1',
  metadata: { name: 'shop' },
  targets: { images: [{ name: 'app', archive: 'build/app.tar' }] },
  profiles: { images: { tools: { enable: ['ruff', 'trivy-image'] } } },
};

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'secplan-paths-'));
  writeFileSync(join(dir, 'secplan.json'), JSON.stringify(MANIFEST, null, 2));
  writeFileSync(join(dir, 'a.py'), 'x = 1\n');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const build = () => {
  mkdirSync(join(dir, 'build'));
  writeFileSync(join(dir, 'build/app.tar'), 'x');
};
const compiled = (profile: string, only?: string[]) => compileManifest({ cwd: dir, profile, only });

test('an image that is yet to be built keeps no profile from running that reads no images', async () => {
  const smoke = await compiled('smoke');
  expect(smoke.ok, JSON.stringify(smoke)).toBe(true);
  expect((await compiled('images', ['ruff'])).ok).toBe(true);
});

test('one that a stage of the plan reads is refused where the manifest names it', async () => {
  const outcome = await compiled('images');
  expect(outcome).toMatchObject({
    ok: false,
    diagnostics: [
      { code: 'SP2012', summary: expect.stringContaining('trivy-image:app'), value: 'build/app.tar' },
    ],
  });
  const [first] = outcome.diagnostics;
  expect(first?.place).toMatchObject({ file: 'secplan.json', line: 10 });
  build();
  expect((await compiled('images')).ok).toBe(true);
});

test('so it is for a plan that was made when it was there', async () => {
  build();
  const outcome = await compiled('images');
  if (!outcome.ok) throw new Error('it is there');
  writeFileSync(join(dir, 'plan.json'), canonicalJson(outcome.value.plan));
  const prepare = () =>
    prepareScan(scanOptions.parse({ plan: 'plan.json' }), { cwd: dir, env: {}, trust: 'tell' });
  expect((await prepare()).ok).toBe(true);
  rmSync(join(dir, 'build'), { recursive: true });
  expect(await prepare()).toMatchObject({ ok: false, diagnostics: [{ code: 'SP2012' }] });
});
