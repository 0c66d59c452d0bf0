import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ScanOutcome } from '../../../src/app/contract/scan-types.ts';
import { verifyBundle } from '../../../src/app/verify/verify-bundle.ts';
import { renderDiagnostics } from '../../../src/core/render-diagnostic.ts';
import { type CustomWorld, customWorld, MINE, manifestOf } from '../../support/custom-world.ts';
import { filesOf } from '../../support/signed-world.ts';

const worlds: CustomWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});

const WAIVER = { match: { rule: 'fixme' }, reason: 'later', owner: 'ann@example.org', expires: '2099-12-31' };

/** A run whose scanner is given the secret. */
async function run(value: string, over: object = {}, file?: string) {
  const custom = { mine: { ...MINE, secrets: ['TOKEN'] } };
  const manifest = manifestOf({ secrets: { TOKEN: 'env:TOKEN' }, tools: { custom }, ...over });
  const world = customWorld(file === undefined ? manifest : JSON.stringify(manifest, null, 2), file);
  worlds.push(world);
  // Its path is in every report of the scanner.
  world.write(`${value}.txt`, 'FIXME\n');
  const events: unknown[] = [];
  const outcome = await world.scan({}, { env: { TOKEN: value }, onEvent: (event) => events.push(event) });
  return { world, outcome, seen: JSON.stringify([events, outcome]) };
}

const codes = ({ diagnostics }: ScanOutcome): string[] =>
  diagnostics.filter(({ level }) => level === 'error').map(({ code }) => code);

describe('a secret whose value stands in the manifest', () => {
  it.each<[string, string, object, string]>([
    [
      'as it is',
      'hunter2-secret',
      { policy: { waivers: [{ ...WAIVER, reason: 'as hunter2-secret said' }] } },
      '/policy/waivers/0/reason',
    ],
    [
      'in base64',
      'hunter2-secret',
      { policy: { waivers: [{ ...WAIVER, reason: Buffer.from('hunter2-secret').toString('base64') }] } },
      '/policy/waivers/0/reason',
    ],
    [
      'as a key',
      'hunter2-secret',
      { metadata: { name: 'own', labels: { 'hunter2-secret': 'x' } } },
      '/metadata/labels/[redacted]',
    ],
  ])('%s stops the run before anything starts, and is not told', async (_, value, over, pointer) => {
    const { outcome, seen } = await run(value, over, 'secplan.json');
    expect([outcome.exitCode, codes(outcome), outcome.scan]).toEqual([2, ['SP3080'], undefined]);
    expect(seen).not.toContain('stage-started');
    const [told] = outcome.diagnostics.filter(({ code }) => code === 'SP3080');
    expect(told).toMatchObject({ pointer: '/secrets/TOKEN', place: { file: 'secplan.json' } });
    expect(told?.summary).toContain('the secret TOKEN');
    expect(told?.related[0]?.message).toBe(`in the manifest at ${pointer}`);
    expect(told?.related[0]?.place?.line).toBeGreaterThan(1);
    expect(seen).not.toContain(value);
    expect(renderDiagnostics(outcome.diagnostics)).not.toContain(value);
  });

  it('is found in a plan file, too', async () => {
    const first = await run('first-value-of-it', {
      policy: { waivers: [{ ...WAIVER, reason: 'as hunter2-secret said' }] },
    });
    expect(first.outcome.exitCode).toBe(0);
    const plan = join(first.world.root, 'plan.json');
    writeFileSync(plan, readFileSync(join(`${first.outcome.scan?.bundleDir}`, 'plan.json')));
    const again = await first.world.scan(
      { plan, workspace: first.world.workspace, profile: undefined },
      { env: { TOKEN: 'hunter2-secret' } },
    );
    expect(codes(again)).toEqual(['SP3080']);
    expect(JSON.stringify(again.diagnostics)).toContain('in the plan at /policy/waivers/0/reason');
  });
});

describe('a secret that cannot be redacted', () => {
  it.each([
    ['of one letter', 'q'],
    ['of three', 'xq9'],
    ['of few digits', '2026123'],
    ['of few hexadecimal digits', 'beef'],
    ['that is a word of every report', 'verdict'],
    ['that is part of one', 'sult'],
    ['that is an outcome', 'incomplete'],
  ])('%s stops the run before anything starts', async (_, value) => {
    const { outcome, seen } = await run(value);
    expect([outcome.exitCode, codes(outcome), outcome.scan]).toEqual([2, ['SP3081'], undefined]);
    expect(seen).not.toContain('stage-started');
    expect(renderDiagnostics(outcome.diagnostics)).not.toMatch(new RegExp(`: ${value}|"${value}"`));
  });

  it.each([
    ['of four characters', 'zq-9'],
    ['of eight digits', '73918264'],
  ])('is not one %s: it is taken out, and the bundle verifies', async (_, value) => {
    const { world, outcome } = await run(value, { policy: { waivers: [WAIVER] } });
    expect(outcome.exitCode).toBe(0);
    const dir = `${outcome.scan?.bundleDir}`;
    expect(readFileSync(join(dir, 'findings.sarif'), 'utf8')).toContain('[redacted].txt');
    for (const path of filesOf(dir)) expect(readFileSync(join(dir, path), 'latin1')).not.toContain(value);
    const verified = await verifyBundle({ cwd: world.root, bundle: dir });
    expect(verified.ok && verified.value.failures).toEqual([]);
  });
});
