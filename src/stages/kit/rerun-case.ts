import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../catalogue.gen.ts';
import type { ParseOutcome } from '../contract/report.ts';
import { type CaseFile, caseFolder, parseCase, type RawRun, type Rerun, readCase } from './case-file.ts';
import { caseWorkspace, recordRun } from './record-run.ts';

/** Says what, if anything, differs from what is on record; undefined where a new run gives the same. */
export async function differs(
  id: string,
  name: string,
  given: CaseFile,
  raw: RawRun,
): Promise<string | undefined> {
  const entry = catalogue.get(id);
  if (entry === undefined) return `no scanner ${id}`;
  const now = await parseCase(entry, given, raw);
  const then = onRecord(id, name);
  const compare = given.rerun !== undefined && 'compare' in given.rerun ? given.rerun.compare : 'result';
  const [a, b] = compare === 'result' ? [plain(then), plain(now)] : [rules(then), rules(now)];
  const [was, is] = [JSON.stringify(a, null, 1), JSON.stringify(b, null, 1)];
  if (was === is) return undefined;
  const at = [...was].findIndex((char, index) => char !== is[index]);
  const around = (text: string): string => text.slice(Math.max(0, at - 200), at + 300);
  return `on record: …${around(was)}…\nnow: …${around(is)}…`;
}

function onRecord(id: string, name: string): ParseOutcome {
  return JSON.parse(readFileSync(join(caseFolder(id, name), 'result.golden.json'), 'utf8')) as ParseOutcome;
}

/** Whether something was looked at in the run on record: where not, no result is what it gave. */
function wasDone(id: string, name: string): boolean {
  const then = onRecord(id, name);
  return then.ok && then.examined.count > 0;
}

/** Runs a recorded case again. Undefined when it gives the same, else what is wrong; `absent`: it is not available here. */
export async function rerunCase(
  id: string,
  name: string,
): Promise<{ readonly fault: string; readonly absent: boolean } | undefined> {
  const given = readCase(caseFolder(id, name));
  if (given.rerun === undefined || 'not' in given.rerun)
    return { fault: 'has no way to be run', absent: false };
  const workspace = caseWorkspace(id, name, given.rerun);
  const ran = await recordRun({ id, workspace, tool: given });
  if ('refused' in ran) return { fault: ran.refused, absent: ran.absent };
  const { result } = ran.recording;
  if (result.state === 'incomplete' && wasDone(id, name))
    return { fault: JSON.stringify(result.failure), absent: false };
  if (result.state === 'done' && result.filesGiven !== given.filesGiven)
    return { fault: `${result.filesGiven} files given, ${given.filesGiven} on record`, absent: false };
  const fault = await differs(id, name, given, ran.recording);
  return fault === undefined ? undefined : { fault, absent: false };
}

/** Every recorded case that can be run again, as `[scanner, case, how]`. */
export function rerunnable(): readonly (readonly [id: string, name: string, rerun: Rerun])[] {
  return recordedCases().flatMap(([id, name, { rerun }]) =>
    rerun === undefined || 'not' in rerun ? [] : [[id, name, rerun] as const],
  );
}

export function recordedCases(): readonly (readonly [id: string, name: string, given: CaseFile])[] {
  return [...catalogue.keys()].flatMap((id) => {
    const cases = caseFolder(id, '.');
    return readdirSync(cases, { withFileTypes: true })
      .filter((item) => item.isDirectory())
      .map(({ name }) => [id, name, readCase(join(cases, name))] as const)
      .filter(([, , { origin }]) => origin === 'recorded');
  });
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function rules(outcome: ParseOutcome): unknown {
  if (!outcome.ok) return { ok: false };
  return [...new Set(outcome.findings.map(({ rule }) => rule.id))].sort();
}
