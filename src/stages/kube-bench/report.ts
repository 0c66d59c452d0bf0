import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Note, ParseOutcome, ReportVariant, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { oneLine } from '../formats/one-line.ts';
import { mapList, omit, rewriteJson } from '../formats/sanitize.ts';
import { jsonVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

const result = z.object({
  test_number: z.string(),
  test_desc: z.string(),
  status: z.string(),
  scored: z.boolean().nullish(),
  reason: z.string().nullish(),
});

const control = z.object({
  id: z.string(),
  text: z.string().nullish(),
  node_type: z.string().nullish(),
  tests: z.array(z.object({ section: z.string().nullish(), results: z.array(result) })),
});

type Control = z.infer<typeof control>;

/** Versions before 0.6, and `--nototals`, write the list alone. */
const controls = z.array(control).min(1);

const reportSchema = z.object({ Controls: controls });

/** kube-bench's JSON, with its totals. */
function readKubeBench(text: string | undefined): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const { Controls } = read.value;
  const results = Controls.flatMap(({ tests }) => tests.flatMap((test) => test.results));
  return {
    ok: true,
    findings: findingsOf(Controls),
    notes: notesOf(Controls),
    examined: {
      count: results.filter(({ status }) => status === 'PASS' || status === 'FAIL').length,
      unit: 'rules',
      evidence: 'checks of the report that passed or failed',
    },
  };
}

/** What failed. A warning is a check that kube-bench cannot make: a note, as nothing was found. */
function findingsOf(list: readonly Control[]): ParsedFinding[] {
  return list.flatMap(({ node_type: node, tests }) =>
    tests.flatMap(({ results }) =>
      results
        .filter(({ status }) => status === 'FAIL')
        .map(
          ({ test_number: id, test_desc: text, scored }): ParsedFinding => ({
            kind: 'misconfiguration',
            rule: { id: `CIS-${oneLine(id)}`, name: oneLine(text) },
            message: oneLine(node ? `${text} [${node}]` : text),
            toolLevel: scored === false ? 'fail' : 'fail-scored',
          }),
        ),
    ),
  );
}

function notesOf(list: readonly Control[]): Note[] {
  return list.flatMap(({ node_type: node, tests }) => {
    const unclear = tests.flatMap(({ results }) => results.filter(({ status }) => status === 'WARN'));
    if (unclear.length === 0) return [];
    const which = unclear.map(({ test_number: id }) => id).join(', ');
    return [{ message: oneLine(`check by hand on ${node || 'the node'}: ${which}`) }];
  });
}

/** Without what the audited commands printed, and the commands. */
function sanitizeKubeBench(text: string): string {
  return rewriteJson(text, (json) => {
    const strip = (item: unknown): unknown =>
      mapList(item, 'tests', (test) =>
        mapList(test, 'results', (one) =>
          omit(one, [
            'actual_value',
            'audit',
            'AuditConfig',
            'AuditEnv',
            'expected_result',
            'remediation',
            'test_info',
          ]),
        ),
      );
    if (Array.isArray(json)) return json.map(strip);
    return isRecord(json) ? mapList(json, 'Controls', strip) : json;
  });
}

const variants: readonly ReportVariant[] = [
  jsonVariant('the list that versions before 0.6 and --nototals write', controls, (list) => ({
    findings: findingsOf(list),
    notes: notesOf(list),
  })),
];

export const report: StageReport<Options> = {
  variants,
  parse: (raw) => readKubeBench(raw.report),
  sanitize: (_, text) => sanitizeKubeBench(text),
};
