import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkGolden } from '../../../src/app/golden/golden.ts';
import type { Summary } from '../../../src/evidence/bundle/summary.ts';
import { realEngine } from '../../dagger-engine/real-engine.ts';
import { installedWithSdk } from '../../support/installed.ts';
import { type ExampleWorkspace, exampleWorkspace, ROOT, readJson } from '../workspace.ts';

const engine = realEngine();
const RUN_MS = 10 * 60_000;

/** The goldens that golden-profiles.test.ts holds runs on this machine against. */
describe.skipIf(engine === undefined)('on a real engine', () => {
  let place: ExampleWorkspace;

  beforeAll(() => {
    place = exampleWorkspace('light-python', installedWithSdk());
    const manifest = join(dirname(place.dir), 'profiles/secplan.json');
    mkdirSync(dirname(manifest));
    cpSync(join(ROOT, 'manifests/examples/profiles/secplan.json'), manifest);
  });
  afterAll(() => place?.[Symbol.dispose]());

  // The widest first: the engine and the cache then have what the others need.
  test.each(['full', 'standard', 'medium', 'fast', 'smoke'])(
    'the golden %s holds as it does here',
    async (profile) => {
      const env = { ...engine?.env, SECPLAN_DAGGER_BASE_IMAGE: engine?.images.debian } as Record<
        string,
        string
      >;
      const where = ['--manifest', '../profiles/secplan.json', '--workspace', '.'];
      const run = ['run', '--profile', profile, '--runtime', 'dagger', ...where];
      const { code, stderr } = await place.secplanWith(env, ...run);
      expect(code, stderr).toBe(1);
      const bundle = place.latest();
      expect(readJson<Summary>(bundle, 'summary.json')).toMatchObject({ runtime: 'dagger', profile });
      const report = await checkGolden({ cwd: ROOT, name: profile, bundle });
      expect(report).toMatchObject({ ok: true, value: { equal: true, changes: [], tools: [] } });
    },
    RUN_MS,
  );
});
