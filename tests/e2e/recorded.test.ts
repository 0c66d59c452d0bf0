import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CaseFile, caseFolder, rawOf, readCase } from '../../src/stages/kit/case-file.ts';
import { differs, recordedCases, rerunCase, rerunnable } from '../../src/stages/kit/rerun-case.ts';

// Every recorded case is run again with the real tool and gives what is on record. Those that take over a minute are
// left to `just conform`. SECPLAN_TEST_SCANNERS=a,b runs these alone.
const only = process.env.SECPLAN_TEST_SCANNERS?.split(',');
const path = (process.env.PATH ?? '').split(delimiter);

/** Debian's programs and a stack's own are not installed by secplan: what a machine lacks is skipped, and said. */
function lacking(given: CaseFile): string | undefined {
  const needed = given.rerun !== undefined && 'programs' in given.rerun ? given.rerun.programs : [];
  return needed.find((program) => !path.some((folder) => existsSync(join(folder, program))));
}

describe('recorded cases, run again', { timeout: 300_000 }, () => {
  for (const [id, name, rerun] of rerunnable()) {
    if (rerun.slow || (only !== undefined && !only.includes(id))) continue;
    const missing = lacking(readCase(caseFolder(id, name)));
    if (missing !== undefined) process.stderr.write(`\n${id} ${name}: no ${missing} here, NOT run\n\n`);
    it.skipIf(missing !== undefined)(`${id} ${name}`, async () => {
      expect(await rerunCase(id, name)).toBeUndefined();
    });
  }
});

describe('the comparison with what is on record', () => {
  const folder = caseFolder('bandit', 'findings');
  const given = readCase(folder);
  const raw = rawOf(folder, given);

  it('finds what is on record equal', async () => {
    expect(await differs('bandit', 'findings', given, raw)).toBeUndefined();
  });

  it('tells of another message, and, where rules are compared, of another rule alone', async () => {
    const said = {
      ...raw,
      outputs: { report: (raw.outputs.report ?? '').replace('shell=True', 'shell=true') },
    };
    expect(said.outputs.report).not.toBe(raw.outputs.report);
    expect(await differs('bandit', 'findings', given, said)).toContain('shell=true');
    const byRule = { ...given, rerun: { slow: false, compare: 'rules' as const, programs: [] } };
    expect(await differs('bandit', 'findings', byRule, said)).toBeUndefined();
    const ruled = { ...raw, outputs: { report: (raw.outputs.report ?? '').replaceAll('B602', 'B699') } };
    expect(await differs('bandit', 'findings', byRule, ruled)).toContain('B699');
  });

  it('tells of a run that gave nothing', async () => {
    expect(await differs('bandit', 'findings', given, { ...raw, outputs: {} })).toContain('"ok": false');
  });
});

describe('a recorded case', () => {
  it('says how it is run again, or why it cannot be', () => {
    const silent = recordedCases().filter(([, , { rerun }]) => rerun === undefined);
    expect(silent.map(([id, name]) => `${id}/${name}`)).toEqual([]);
  });
});
