import * as z from 'zod';
import { isRecord } from '../../core/is-record.ts';
import type { Note } from '../contract/report.ts';
import { withKnownElements } from './known-lists.ts';
import { oneLine } from './one-line.ts';
import type { Reading } from './reading.ts';
import { readXmlReport, xmlText } from './xml-report.ts';

const LISTS = ['testsuite', 'testcase', 'failure', 'error', 'skipped'];
const MAX_DEPTH = 50;

const text = z.string().optional();
const outcomes = z.array(z.union([z.string(), z.object({ message: text, type: text, '#text': text })]));
const testcase = withKnownElements(
  {
    name: text,
    classname: text,
    file: text,
    line: text,
    failure: outcomes.optional(),
    error: outcomes.optional(),
    skipped: outcomes.optional(),
  },
  // Of Surefire: a test that failed and then passed.
  ['flakyError', 'flakyFailure', 'properties', 'rerunError', 'rerunFailure', 'system-err', 'system-out'],
);
const suite = withKnownElements(
  {
    name: text,
    tests: text,
    failures: text,
    errors: text,
    testcase: z.array(testcase).optional(),
    failure: outcomes.optional(),
    error: outcomes.optional(),
    testsuite: z.unknown().optional(),
    testsuites: z.unknown().optional(),
  },
  ['?xml', 'properties', 'system-err', 'system-out'],
);

type Suite = z.infer<typeof suite>;
type Case = z.infer<typeof testcase>;
type Said = z.infer<typeof outcomes>[number];

/** A test that failed, or that could not be carried out (`error`); entities are put in. */
export interface JunitFailure {
  readonly level: 'failure' | 'error';
  /** Name of the suite; empty where it has none. */
  readonly suite: string;
  /** Class and name of the test, or of the suite where it is the suite's. */
  readonly test: string;
  readonly message: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
}

export interface JunitReading {
  readonly failures: readonly JunitFailure[];
  readonly notes: readonly Note[];
  /** Tests that were not skipped. */
  readonly ran: number;
}

/**
 * JUnit XML. A suite with an error was not carried out, so the report is not whole; neither is one that counts more
 * failures than it shows.
 */
export function readJunitReport(output: string, report: string | undefined): Reading<JunitReading> {
  const read = readXmlReport(output, report, LISTS, z.unknown());
  if (!read.ok) return read;
  const suites: Suite[] = [];
  const detail = collect(read.value, suites);
  if (detail !== undefined) return { ok: false, failure: { reason: 'report-schema', output, detail } };
  const broken = suites.find(({ error }) => error !== undefined);
  if (broken !== undefined) {
    const why = messageOf(broken.error?.[0]) ?? 'no reason given';
    return {
      ok: false,
      failure: { reason: 'error-text', text: oneLine(`suite ${nameOf(broken)} did not run: ${why}`) },
    };
  }
  const missing = countProblem(suites);
  if (missing !== undefined)
    return { ok: false, failure: { reason: 'report-malformed', output, detail: missing } };
  const cases = suites.flatMap((one) => casesOf(one).map((item) => ({ item, in: nameOf(one) })));
  const skipped = cases.filter(({ item }) => item.skipped !== undefined);
  return {
    ok: true,
    value: {
      failures: [
        ...suites.flatMap((one) => (one.failure ?? []).map((said) => ofSuite(one, said))),
        ...cases.flatMap(({ item, in: name }) => ofCase(item, name)),
      ],
      notes: [
        ...skipped.map(({ item }) => ({ message: oneLine(`skipped: ${testOf(item)}`) })),
        ...suites.flatMap(unseen),
      ],
      ran: cases.length - skipped.length,
    },
  };
}

/** The suites below a node, outer before inner; what is wrong, if it is no JUnit report. */
function collect(root: unknown, suites: Suite[]): string | undefined {
  if (!isRecord(root) || (root.testsuites === undefined && root.testsuite === undefined))
    return 'the root is neither testsuites nor testsuite';
  const pending: { readonly node: unknown; readonly depth: number }[] = [{ node: root, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, depth } = next;
    if (!isRecord(node)) continue;
    if (depth > MAX_DEPTH) return `suites nested deeper than ${MAX_DEPTH}`;
    const read = suite.safeParse(node);
    if (!read.success)
      return `a malformed suite or testcase, at /${read.error.issues[0]?.path.join('/') ?? ''}`;
    suites.push(read.data);
    const inner = [node.testsuites, node.testsuite].flat().reverse();
    for (const child of inner) pending.push({ node: child, depth: depth + 1 });
  }
  return undefined;
}

/** More failures or errors counted than shown. The counts of a suite that holds suites may be of all of them. */
function countProblem(suites: readonly Suite[]): string | undefined {
  const total = shownIn(suites);
  for (const one of suites) {
    const [counted, shown] = [countOf(one), isLeaf(one) ? shownIn([one]) : total];
    if (counted <= shown) continue;
    const where = nameOf(one) || 'the report';
    return `${where}: ${counted} failures and errors are counted, ${shown} are in it`;
  }
  return undefined;
}

function shownIn(list: readonly Suite[]): number {
  return list.reduce(
    (sum, one) => sum + (one.failure?.length ?? 0) + casesOf(one).reduce((n, item) => n + bad(item), 0),
    0,
  );
}

function isLeaf({ testsuite, testsuites }: Suite): boolean {
  return testsuite === undefined && testsuites === undefined;
}

function countOf({ failures, errors }: { readonly failures?: unknown; readonly errors?: unknown }): number {
  return numberOf(failures) + numberOf(errors);
}

function numberOf(value: unknown): number {
  return typeof value === 'string' && /^\d{1,9}$/.test(value.trim()) ? Number(value) : 0;
}

function casesOf({ testcase: cases }: Suite): readonly Case[] {
  return cases ?? [];
}

function bad({ failure, error }: Case): number {
  return (failure?.length ?? 0) + (error?.length ?? 0);
}

function nameOf({ name }: Suite): string {
  return xmlText(name ?? '');
}

function testOf({ classname, name }: Case): string {
  return xmlText([classname, name].filter((part) => part).join('.') || 'a test without a name');
}

/** Tests that a suite counts and does not show are no tests that passed. */
function unseen(one: Suite): readonly Note[] {
  const counted = numberOf(one.tests);
  if (counted === 0 || !isLeaf(one) || casesOf(one).length > 0) return [];
  return [{ message: oneLine(`suite ${nameOf(one)}: ${counted} tests are counted, none is in the report`) }];
}

function messageOf(said: Said | undefined): string | undefined {
  const message = typeof said === 'string' ? said : said?.message || said?.['#text'] || said?.type;
  return message ? xmlText(message) : undefined;
}

function ofSuite(one: Suite, said: Said): JunitFailure {
  const name = nameOf(one);
  const test = name || 'a suite without a name';
  return { level: 'failure', suite: name, test, message: messageOf(said), file: undefined, line: undefined };
}

function ofCase(item: Case, name: string): readonly JunitFailure[] {
  const line = /^[1-9][0-9]{0,8}$/.test(item.line ?? '') ? Number(item.line) : undefined;
  const made = (level: JunitFailure['level']) => (said: Said) => ({
    level,
    suite: name,
    test: testOf(item),
    message: messageOf(said),
    file: item.file,
    line,
  });
  return [...(item.failure ?? []).map(made('failure')), ...(item.error ?? []).map(made('error'))];
}
