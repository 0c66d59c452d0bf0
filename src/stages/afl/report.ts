import type { ParsedFinding } from '../../core/finding.ts';
import type { ParseContext, ParseOutcome, RawOutputs, StageReport } from '../contract/report.ts';
import { locationOf } from '../formats/location.ts';
import { readTreeList } from '../formats/tree-list.ts';
import type { Options } from './stage.ts';

/** Of Linux, by number. */
const SIGNALS: Readonly<Record<number, string>> = {
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  11: 'SIGSEGV',
};

export const report: StageReport<Options> = {
  parse: (raw, context) => readAfl(raw, context),
  sanitize: (_, text) => sanitizeStats(text),
};

/**
 * AFL's statistics, `key : value`, and the names of the inputs that end the program, which hold the signal. Its last
 * key is the command: without it the file is cut off.
 */
function readAfl(raw: RawOutputs, context: ParseContext): ParseOutcome {
  const { stats: text } = raw;
  if (text === undefined) return { ok: false, failure: { reason: 'report-missing', output: 'stats' } };
  if (text.trim() === '') return { ok: false, failure: { reason: 'report-empty', output: 'stats' } };
  const stats = new Map(
    [...text.matchAll(/^([a-z_]{1,40})\s*: (.*)$/gm)].map(([, key = '', value = '']) => [key, value.trim()]),
  );
  const refuse = (reason: 'report-schema' | 'report-malformed', detail: string): ParseOutcome => ({
    ok: false,
    failure: { reason, output: 'stats', detail },
  });
  if (!stats.has('start_time') && !stats.has('execs_done'))
    return refuse('report-schema', 'no AFL++ statistics');
  if (!stats.has('command_line')) return refuse('report-malformed', 'truncated: it has no command_line');
  // Versions before 3.16 said unique_ for saved_. Without either nothing is known of what was found.
  for (const kind of ['crashes', 'hangs']) {
    if (!stats.has(`saved_${kind}`) && !stats.has(`unique_${kind}`))
      return refuse('report-schema', `it has neither saved_${kind} nor unique_${kind}`);
  }
  const crashes = number(stats.get('saved_crashes') ?? stats.get('unique_crashes'));
  const hangs = number(stats.get('saved_hangs') ?? stats.get('unique_hangs'));
  const findings = crashFindings(raw.crashes, crashes, context);
  if (hangs > 0) findings.push(finding('hang', 'an input hangs it', 'hang', context));
  return {
    ok: true,
    findings,
    notes: [],
    examined: {
      count: number(stats.get('execs_done')),
      unit: 'inputs',
      evidence: 'execs_done in fuzzer_stats',
    },
  };
}

function crashFindings(tree: string | undefined, count: number, context: ParseContext): ParsedFinding[] {
  if (count === 0) return [];
  const list = readTreeList('crashes', tree);
  const numbers = (list.ok ? list.value.files : []).flatMap(
    ({ path }) => /,sig:(\d{1,3}),/.exec(path)?.[1] ?? [],
  );
  const names = [...new Set(numbers)].map((text) => SIGNALS[Number(text)] ?? `signal ${Number(text)}`).sort();
  if (names.length === 0) return [finding('crash', 'an input crashes it', 'crash', context)];
  return names.map((name) => {
    const id = name.toLowerCase().replace(' ', '-');
    return finding(id, `an input crashes it with ${name}`, name.startsWith('SIG') ? id : 'crash', context);
  });
}

function finding(
  id: string,
  what: string,
  toolLevel: string,
  { target, relative }: ParseContext,
): ParsedFinding {
  const { binary } = target.details;
  const path = typeof binary === 'string' ? relative(binary) : undefined;
  return {
    kind: 'code',
    rule: { id },
    message: `${target.name}: ${what}`,
    toolLevel,
    ...locationOf(path),
  };
}

function number(text: string | undefined): number {
  const value = Number(text ?? 0);
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

/** Without times and ids of processes, which change from run to run. */
function sanitizeStats(text: string): string {
  return text.replace(
    /^(start_time|last_update|fuzzer_pid|last_find|last_crash|last_hang)(\s*): \d+$/gm,
    '$1$2: 0',
  );
}
