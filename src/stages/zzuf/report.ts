import type { ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { locationOf } from '../formats/location.ts';
import type { Options } from './stage.ts';

const LINE =
  /^zzuf\[s=(\d{1,10}),r=[0-9.:eE-]{1,40}\]: (launched |exit \d+|signal (\d{1,3})(?: \((SIG[A-Z0-9]{1,10})\))?)/gm;

export const report: StageReport<Options> = {
  parse: (raw, context) => readZzuf(raw.report, context.options.inputs, context),
};

/** What zzuf says of each run; one that was started and did not end was cut off, or killed with it. */
function readZzuf(
  text: string | undefined,
  inputs: number,
  { target, relative }: ParseContext,
): ParseOutcome {
  if (text === undefined) return { ok: false, failure: { reason: 'report-missing', output: 'report' } };
  if (text.trim() === '') return { ok: false, failure: { reason: 'report-empty', output: 'report' } };
  const started = new Set<string>();
  const ended = new Set<string>();
  const signals = new Map<string, string>();
  for (const [, seed = '', what = '', code = '', name] of text.matchAll(LINE)) {
    if (what === 'launched ') started.add(seed);
    else ended.add(seed);
    if (code !== '') signals.set(name ?? `signal-${code}`, signals.get(name ?? `signal-${code}`) ?? seed);
  }
  const refuse = (reason: 'report-schema' | 'report-malformed', detail: string): ParseOutcome => ({
    ok: false,
    failure: { reason, output: 'report', detail },
  });
  if (started.size === 0) return refuse('report-schema', 'it contains no run of zzuf');
  const whole = ended.size === inputs || /^zzuf: maximum .{1,100} reached, exiting$/m.test(text);
  if (!whole)
    return refuse('report-malformed', `${ended.size} of ${inputs} runs, and no limit reached: truncated`);
  const { binary } = target.details;
  const path = typeof binary === 'string' ? relative(binary) : undefined;
  return {
    ok: true,
    findings: [...signals]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, seed]) => ({
        kind: 'code',
        rule: { id: name.toLowerCase() },
        message: `${target.name}: a changed input crashes it with ${name} (seed ${seed})`,
        toolLevel: name.startsWith('SIG') ? name : 'crash',
        ...locationOf(path),
      })),
    notes: [],
    examined: { count: ended.size, unit: 'inputs', evidence: 'runs that zzuf says have ended' },
  };
}
