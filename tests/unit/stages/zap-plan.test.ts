import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CommandTarget } from '../../../src/stages/contract/target.ts';
import { automationPlan } from '../../../src/stages/zap/automation-plan.ts';

const SCRIPT = new URL('../../../src/stages/families/http/assets/write-file.sh', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'secplan-zap-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OPTIONS = { scan: 'full', spiderMinutes: 3, activeMinutes: 20, graphqlPath: 'graphql' } as const;
const target = (details: CommandTarget['details']): CommandTarget => ({ kind: 'http', name: 'api', details });

const jobsOf = (plan: string): { type: string; parameters: Record<string, unknown> }[] =>
  JSON.parse(plan).jobs;

describe("ZAP's automation plan", () => {
  it('holds the jobs that the target and the options ask for', () => {
    const types = (details: CommandTarget['details'], scan: 'baseline' | 'full' = 'full') =>
      jobsOf(automationPlan(target(details), { ...OPTIONS, scan })).map(({ type }) => type);
    expect(types({}, 'baseline')).toEqual(['passiveScan-config', 'spider', 'passiveScan-wait', 'report']);
    const all = { openapi: 'a.json', graphql: 'b.graphql', auth: { type: 'bearer', secret: 'TOKEN' } };
    expect(types(all)).toEqual([
      'passiveScan-config',
      'script',
      'openapi',
      'graphql',
      'spider',
      'passiveScan-wait',
      'activeScan',
      'report',
    ]);
  });

  it('is written with the places of the run, and is JSON still', () => {
    const plan = automationPlan(target({ openapi: 'an "odd" name.json', auth: { secret: 'T' } }), OPTIONS);
    const file = join(folder, 'plan.yaml');
    execFileSync('sh', [SCRIPT, file, plan, 'http://api:8080', '/src', '/out', '/assets/zap']);
    const written = readFileSync(file, 'utf8');
    const by = (type: string) => jobsOf(written).find((job) => job.type === type)?.parameters;
    expect(by('openapi')).toMatchObject({ apiFile: '/src/an "odd" name.json', targetUrl: 'http://api:8080' });
    expect(by('script')).toMatchObject({ source: '/assets/zap/auth.js' });
    expect(by('report')).toMatchObject({ reportDir: '/out' });
    expect(written).not.toContain('@');
  });

  it('is not written with a place that would end a text of it', () => {
    const plan = automationPlan(target({}), OPTIONS);
    const url = 'http://api/","jobs":[],"x":"';
    const { status, stderr } = spawnSync('sh', [
      SCRIPT,
      join(folder, 'no.yaml'),
      plan,
      url,
      '/s',
      '/o',
      '/a',
    ]);
    expect(status).toBe(1);
    expect(String(stderr)).toContain('cannot hold');
  });
});
