import { afterEach, expect, test } from 'vitest';
import { readBundle } from '../../../src/evidence/bundle/read-bundle.ts';
import { customWorld, MINE, manifestOf, SCANNER } from '../../support/custom-world.ts';

const worlds: { dispose(): void }[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});

/** Reports what stands between two quotes on a line with FIXME, as the value of a secret. */
const SECRET_SCANNER = SCANNER.replace(
  "'region': {'startLine': number}",
  "'region': {'startLine': number, 'startColumn': line.index(chr(34)) + 2, 'endColumn': line.rindex(chr(34)) + 1}",
);

test.each(['own-scanner-1', 'scanner-1', 'findings.sarif', 'https://secplan.dev/schema/verdict/v1'])(
  'a scanner that takes the name %s for a secret leaves a bundle that can be read',
  async (value) => {
    const world = customWorld();
    worlds.push(world);
    world.write('scan.py', SECRET_SCANNER);
    world.write('keys.txt', `tool = "${value}" FIXME\nkey = "x7Kq-93mZ!pw" FIXME\n`);
    const profiles = { own: { tools: { enable: ['own-scanner-1'] } } };
    const custom = { 'own-scanner-1': { ...MINE, category: 'secrets' } };
    world.write('secplan.json', JSON.stringify(manifestOf({ tools: { custom }, profiles })));
    const { scan, diagnostics } = await world.scan();
    expect(diagnostics.filter(({ level }) => level === 'error')).toEqual([]);
    const read = await readBundle(scan?.bundleDir ?? '');
    if (!read.ok) throw new Error(JSON.stringify(read.diagnostics));
    expect(read.value.plan.stages.map(({ id }) => id as string)).toContain('own-scanner-1');
    expect(read.value.findings).toHaveLength(2);
    expect(JSON.stringify(read.value)).not.toContain('x7Kq-93mZ!pw');
  },
);
