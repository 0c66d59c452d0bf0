import { describe, expect, it } from 'vitest';
import { INTERRUPTED, type Phase, phaseList } from '../../../../src/app/scan/frame/phase-list.ts';
import { diagnostic } from '../../../../src/core/diagnostic.ts';
import { failed, success } from '../../../../src/core/outcome.ts';

interface Start {
  readonly seen: string[];
}
interface Planned {
  readonly plan: string;
}
interface Ran {
  readonly result: string;
}

const warning = diagnostic('SP5101', 'planned with a warning');
const plan: Phase<Start, Planned> = async ({ seen }) => {
  seen.push('plan');
  return success({ plan: 'p' }, [warning]);
};
const run: Phase<Start & Planned, Ran> = async ({ seen, plan }) => {
  seen.push('run');
  return success({ result: `${plan} ran` });
};
const told: string[] = [];
const tell = ({ summary }: { readonly summary: string }) => void told.push(summary);

describe('a list of phases', () => {
  it('gives each phase what those before it added, and tells its warnings before the next starts', async () => {
    const seen: string[] = [];
    const look: Phase<Start & Ran, { looked: number }> = async () => success({ looked: told.length });
    const ended = await phaseList<Start>().next(plan).next(run).next(look).run({ seen }, tell);
    expect(ended).toMatchObject({ ok: true, value: { plan: 'p', result: 'p ran', looked: 1 } });
    expect(seen).toEqual(['plan', 'run']);
    expect(told).toEqual(['planned with a warning']);
  });

  it('stops at the first that fails, and hands its diagnostics on', async () => {
    const seen: string[] = [];
    const refuse: Phase<Start, object> = async () => failed([diagnostic('SP9001', 'refused')]);
    const ended = await phaseList<Start>().next(plan).next(refuse).next(run).run({ seen }, tell);
    expect(ended).toMatchObject({ ok: false, diagnostics: [{ summary: 'refused' }] });
    expect(seen).toEqual(['plan']);
  });

  it('tells an interruption from a failure', async () => {
    const stop: Phase<Start, object> = async () => INTERRUPTED;
    expect(await phaseList<Start>().next(stop).next(plan).run({ seen: [] }, tell)).toEqual(INTERRUPTED);
  });

  it('does not compile with a phase that needs what a later one adds', () => {
    // @ts-expect-error `run` needs `plan`, which no phase before it adds.
    expect(phaseList<Start>().next(run).next(plan)).toBeDefined();
  });
});
