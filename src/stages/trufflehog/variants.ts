import { z } from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { ReportVariant } from '../contract/report.ts';
import { readJsonLines } from '../formats/jsonl-report.ts';
import { oneLine } from '../formats/sarif.ts';
import { jsonVariant, sarifVariant } from '../formats/variants.ts';
import { onePerPlace } from './output.ts';

/** trufflehog3, a fork of version 2 by another project. `secret` and `context` are not read. */
const fork = z.array(
  z.object({
    rule: z.object({ id: z.string(), message: z.string(), severity: z.string() }),
    path: z.string(),
    line: z.union([z.string(), z.number()]).nullish(),
  }),
);

/** Version 2 wrote a finding for each file of a commit; `diff`, `printDiff` and `stringsFound` are not read. */
const old = z.object({ path: z.string(), reason: z.string(), commitHash: z.string() });

function toFinding(
  id: string,
  name: string,
  level: string,
  path: string | undefined,
  line: number,
): ParsedFinding {
  return {
    kind: 'secret',
    rule: { id, name: oneLine(name), cwe: ['CWE-798'] },
    message: oneLine(`${name} credential`),
    toolLevel: level,
    ...(path === undefined ? {} : { span: { path, ...(line > 0 ? { startLine: line } : {}) } }),
  };
}

export const variants: readonly ReportVariant[] = [
  jsonVariant('the JSON that trufflehog3 writes', fork, (items, { relative }) => ({
    findings: onePerPlace(
      items.map(({ rule, path, line }) => {
        const at = Number(line);
        return toFinding(rule.id, rule.message, rule.severity, relative(path), Number.isInteger(at) ? at : 0);
      }),
    ),
  })),
  {
    name: 'JSON lines of version 2',
    parse: (text, { relative }) => {
      const read = readJsonLines('report', text, old);
      if (!read.ok) return read;
      const findings = read.items.map(({ path, reason }) =>
        toFinding(reason, reason, 'unverified', relative(path), 0),
      );
      return {
        ok: true,
        findings,
        notes: [],
        examined: { count: 0, unit: 'files', evidence: 'a report from elsewhere' },
      };
    },
  },
  sarifVariant(['TruffleHog', 'trufflehog'], 'secret'),
];
