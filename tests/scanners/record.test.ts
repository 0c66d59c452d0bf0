import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { catalogue } from '../../src/stages/catalogue.gen.ts';
import type { CatalogueEntry } from '../../src/stages/contract/catalogue.ts';
import { parseCase, rawOf, readCase } from '../../src/stages/kit/case-file.ts';
import { caseRefusal } from '../../src/stages/kit/case-refusal.ts';
import { cutCase } from '../../src/stages/kit/cut-case.ts';

const STAGES = new URL('../../src/stages/', import.meta.url).pathname;

describe('a recorded run', () => {
  const done = (count: number) => ({
    state: 'done' as const,
    findings: Array.from({ length: count }, () => ({}) as never),
  });
  const incomplete = { state: 'incomplete' as const, failure: { reason: 'timeout', limitMs: 1 } as const };

  it('is no case `findings` without any, and no case `clean` with some', () => {
    expect(caseRefusal('findings', done(0))).toMatch(/^it found nothing: name a workspace/);
    expect(caseRefusal('findings-sarif', done(0))).toBeDefined();
    expect(caseRefusal('findings', done(1))).toBeUndefined();
    expect(caseRefusal('clean', done(2))).toMatch(/^it found 2: name a workspace without flaws/);
    expect(caseRefusal('clean', done(0))).toBeUndefined();
  });

  it('that is incomplete is no case but of a report that cannot be read', () => {
    expect(caseRefusal('findings', incomplete)).toMatch(/^the run is incomplete: .*timeout/);
    expect(caseRefusal('malformed', incomplete)).toBeUndefined();
  });
});

describe('the case `malformed`', () => {
  const entry = catalogue.get('bandit') as CatalogueEntry;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'secplan-cut-'));
    cpSync(join(STAGES, 'bandit/cases/findings'), join(folder, 'cases/findings'), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is the recorded report, cut off where its reader refuses it', async () => {
    const made = await cutCase(entry, folder);
    expect(made).toMatchObject({ ok: true, source: 'findings' });
    const at = join(folder, 'cases/malformed');
    const given = readCase(at);
    expect(given).toMatchObject({ origin: 'made', provider: 'pypi' });
    const whole = readFileSync(join(folder, 'cases/findings/raw.report.json'), 'utf8');
    const raw = rawOf(at, given);
    expect(whole.startsWith(raw.outputs.report ?? '-')).toBe(true);
    expect(await parseCase(entry, given, raw)).toMatchObject({ ok: false });
  });

  it('is not made of a report that is taken for whole wherever it ends', async () => {
    const examined = { count: 1, unit: 'files' as const, evidence: 'none' };
    const parse = () => ({ ok: true as const, findings: [], notes: [], examined });
    const made = await cutCase({ ...entry, report: async () => ({ parse }) }, folder);
    expect(made).toMatchObject({ ok: false, why: expect.stringMatching(/takes report .* for complete/) });
    expect(existsSync(join(folder, 'cases/malformed'))).toBe(false);
  });

  it('needs a recorded one', async () => {
    rmSync(join(folder, 'cases'), { recursive: true });
    expect(await cutCase(entry, folder)).toMatchObject({
      ok: false,
      why: expect.stringContaining('just record bandit findings'),
    });
  });
});
