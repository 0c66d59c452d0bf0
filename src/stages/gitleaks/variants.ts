import { z } from 'zod';
import type { ReportVariant } from '../contract/report.ts';
import { gitlabVariant } from '../formats/gitlab-report.ts';
import { locationOf, type Region } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { jsonVariant } from '../formats/variants.ts';
import { withoutRepeats } from './repeats.ts';

const line = z.number().int();

/** Version 8; null where it found nothing. */
const current = z
  .array(
    z.object({
      RuleID: z.string(),
      Description: z.string().nullish(),
      File: z.string(),
      StartLine: line,
      EndLine: line.nullish(),
      StartColumn: line.nullish(),
      EndColumn: line.nullish(),
    }),
  )
  .nullable();

/** Versions up to 7: rules have names only. */
const old = z.array(z.object({ rule: z.string(), file: z.string(), lineNumber: line.nullish() }));

interface Leak {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  readonly region: Region;
}

function toFinding({ id, name, file, region }: Leak, relative: (path: string) => string | undefined) {
  const path = relative(file);
  return {
    kind: 'secret' as const,
    rule: { id, name: oneLine(name), cwe: ['CWE-798'] },
    // Never the line, the match or the secret, which the report may hold.
    message: oneLine(`${name} has detected a secret`),
    toolLevel: 'warning',
    ...locationOf(path, region),
  };
}

export const variants: readonly ReportVariant[] = [
  gitlabVariant('secret'),
  jsonVariant('the JSON that gitleaks writes', current, (leaks, { relative }) => ({
    findings: withoutRepeats(
      (leaks ?? []).map(({ RuleID, Description, File, ...item }) => {
        const region = {
          startLine: item.StartLine,
          startColumn: item.StartColumn,
          endLine: item.EndLine,
          endColumn: item.EndColumn,
        };
        return toFinding({ id: RuleID, name: Description || RuleID, file: File, region }, relative);
      }),
    ),
  })),
  jsonVariant('JSON of version 7', old, (leaks, { relative }) => ({
    findings: leaks.map(({ rule, file, lineNumber }) => {
      const id = rule
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '');
      return toFinding(
        { id: id || 'unknown', name: rule, file, region: { startLine: lineNumber } },
        relative,
      );
    }),
  })),
];
