import * as z from 'zod';
import type { Failure } from '../../core/failure.ts';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Note, ParseContext, ParseOutcome } from '../contract/report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { readXmlReport, xmlText } from '../formats/xml-report.ts';

const LISTS = ['testsuite', 'testcase', 'failure', 'error', 'skipped'];
const MAX_DEPTH = 50;

const text = z.string().optional();
const outcome = z.array(z.union([z.string(), z.object({ message: text, type: text })]));
const testcase = z.object({
  name: text,
  classname: text,
  file: text,
  line: text,
  failure: outcome.optional(),
  error: outcome.optional(),
  skipped: outcome.optional(),
});

type Case = z.infer<typeof testcase>;

/** JUnit XML: a failed test is a finding, one that could not be carried out too: it proves nothing clean. */
export function readJunit(report: string | undefined, context: ParseContext): ParseOutcome {
  const read = readXmlReport('junit', report, LISTS, z.unknown());
  if (!read.ok) return read;
  const cases: Case[] = [];
  const problem = collect(read.value, cases);
  if (problem !== undefined) return failed({ reason: 'report-schema', output: 'junit', detail: problem });
  const findings: ParsedFinding[] = [];
  const notes: Note[] = [];
  let ran = 0;
  for (const item of cases) {
    if (item.skipped !== undefined) notes.push({ message: oneLine(`skipped: ${nameOf(item)}`) });
    else ran += 1;
    for (const found of item.failure ?? []) findings.push(toFinding(item, 'failure', found, context));
    for (const found of item.error ?? []) findings.push(toFinding(item, 'error', found, context));
  }
  return {
    ok: true,
    findings,
    notes,
    examined: { count: ran, unit: 'rules', evidence: 'testcase elements that ran' },
  };
}

function failed(failure: Failure): ParseOutcome {
  return { ok: false, failure };
}

/** The test cases of the suites below a node; what is wrong, if it is no JUnit report. */
function collect(root: unknown, cases: Case[]): string | undefined {
  if (!isRecord(root) || (root.testsuites === undefined && root.testsuite === undefined))
    return 'the root is neither testsuites nor testsuite';
  const pending: { readonly node: unknown; readonly depth: number }[] = [{ node: root, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, depth } = next;
    if (!isRecord(node)) continue;
    if (depth > MAX_DEPTH) return `suites nested deeper than ${MAX_DEPTH}`;
    const read = z.array(testcase).safeParse(node.testcase ?? []);
    if (!read.success) return 'a malformed testcase';
    for (const item of read.data) cases.push(item);
    const suites = [node.testsuites, node.testsuite].flat().reverse();
    for (const suite of suites) pending.push({ node: suite, depth: depth + 1 });
  }
  return undefined;
}

function nameOf({ classname, name }: Case): string {
  return xmlText([classname, name].filter((part) => part).join('.') || 'a test without a name');
}

function toFinding(
  item: Case,
  level: 'failure' | 'error',
  found: z.infer<typeof outcome>[number],
  context: ParseContext,
): ParsedFinding {
  const message = typeof found === 'string' ? found : found.message;
  const path = item.file === undefined ? undefined : context.relative(item.file);
  return {
    kind: 'other',
    rule: { id: oneLine(nameOf(item)) },
    message: oneLine(xmlText(message || `${nameOf(item)}: ${level}`)),
    toolLevel: level,
    ...locationOf(path, { startLine: Number(item.line) }),
  };
}
