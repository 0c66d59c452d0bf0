import * as z from 'zod';
import type { ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { stableSarif } from '../formats/sanitize.ts';
import { readSarif } from '../formats/sarif.ts';
import { sarifVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

/** Versions of before GitHub bore the name of its maker's platform. */
const DRIVERS = ['CodeQL', 'CodeQL command-line toolchain', 'LGTM.com'];

/** One diagnostic query of each language lists the files that were read. */
const READ = /\/diagnostics\/successfully-extracted-files$/;

const place = z.object({
  physicalLocation: z
    .object({
      artifactLocation: z
        .object({ uri: z.string().optional(), index: z.number().int().optional() })
        .optional(),
    })
    .optional(),
});

const diagnostics = z.object({
  runs: z.array(
    z.object({
      invocations: z
        .array(
          z.object({
            toolExecutionNotifications: z
              .array(
                z.object({
                  descriptor: z.object({ id: z.string().optional() }).optional(),
                  locations: z.array(place).optional(),
                }),
              )
              .nullish(),
          }),
        )
        .optional(),
    }),
  ),
});

export const report: StageReport<Options> = {
  variants: [sarifVariant(DRIVERS, 'code')],
  parse: (raw, context) => readCodeql(raw.report, context),
  sanitize: (_, text) => stableSarif(text),
};

/** CodeQL's SARIF. */
function readCodeql(text: string | undefined, context: ParseContext): ParseOutcome {
  const sarif = readSarif(text, {
    output: 'report',
    drivers: DRIVERS.slice(0, 2),
    kind: 'code',
    relative: context.relative,
  });
  if (!sarif.ok) return sarif;
  const told = readJsonReport('report', text, diagnostics);
  if (!told.ok) return told;
  const seen = new Set<string>();
  for (const { invocations } of told.value.runs)
    for (const { toolExecutionNotifications: list } of invocations ?? [])
      for (const { descriptor, locations } of list ?? [])
        if (READ.test(descriptor?.id ?? '')) seen.add(JSON.stringify(locations?.[0] ?? null));
  return {
    ok: true,
    findings: sarif.value.findings,
    notes: sarif.value.notes,
    examined: {
      count: seen.size,
      unit: 'files',
      evidence: 'diagnostics of successfully extracted files in the report',
    },
  };
}
