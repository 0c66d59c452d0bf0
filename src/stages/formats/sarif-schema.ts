import * as z from 'zod';

// Only what is read of SARIF 2.1.0 (OASIS, 2020-03-27); everything else is let through unread.

const message = z.object({
  text: z.string().optional(),
  markdown: z.string().optional(),
  id: z.string().optional(),
});
const properties = z.record(z.string(), z.unknown()).optional();

const reportingDescriptor = z.object({
  id: z.string(),
  name: z.string().optional(),
  helpUri: z.string().optional(),
  shortDescription: message.optional(),
  fullDescription: message.optional(),
  defaultConfiguration: z.object({ level: z.string().optional() }).optional(),
  messageStrings: z.record(z.string(), message).optional(),
  properties,
});

const region = z.object({
  startLine: z.number().int().optional(),
  startColumn: z.number().int().optional(),
  endLine: z.number().int().optional(),
  endColumn: z.number().int().optional(),
});

const artifactLocation = z.object({
  uri: z.string().optional(),
  uriBaseId: z.string().optional(),
  index: z.number().int().optional(),
});

const result = z.object({
  ruleId: z.string().optional(),
  ruleIndex: z.number().int().optional(),
  rule: z
    .object({
      id: z.string().optional(),
      index: z.number().int().optional(),
      toolComponent: z.object({ index: z.number().int().optional() }).optional(),
    })
    .optional(),
  kind: z.string().optional(),
  level: z.string().optional(),
  message: message,
  locations: z
    .array(
      z.object({
        physicalLocation: z
          .object({ artifactLocation: artifactLocation.optional(), region: region.optional() })
          .optional(),
      }),
    )
    .optional(),
  suppressions: z.array(z.unknown()).nullish(),
  baselineState: z.string().optional().catch(undefined),
  properties,
});

const notification = z.object({
  level: z.string().optional(),
  message: message.optional(),
  locations: z
    .array(
      z.object({ physicalLocation: z.object({ artifactLocation: artifactLocation.optional() }).optional() }),
    )
    .optional(),
});

const run = z.object({
  tool: z.object({
    driver: z.object({
      name: z.string(),
      version: z.string().optional(),
      semanticVersion: z.string().optional(),
      rules: z.array(reportingDescriptor).nullish(),
    }),
    extensions: z.array(z.object({ rules: z.array(reportingDescriptor).nullish() })).optional(),
  }),
  invocations: z
    .array(
      z.object({
        executionSuccessful: z.boolean().optional(),
        toolExecutionNotifications: z.array(notification).nullish(),
      }),
    )
    .optional(),
  originalUriBaseIds: z.record(z.string(), artifactLocation).optional(),
  artifacts: z.array(z.object({ location: artifactLocation.optional() })).nullish(),
  /** Null or absent means that the tool did not finish (section 3.14.23): not the same as empty. */
  results: z.array(result).nullish(),
});

export const sarifLog = z.object({ version: z.literal('2.1.0'), runs: z.array(run) });
export type SarifLog = z.infer<typeof sarifLog>;
export type SarifRun = SarifLog['runs'][number];
export type SarifResult = z.infer<typeof result>;
export type SarifRule = z.infer<typeof reportingDescriptor>;
