import * as z from 'zod';

// Only what is read of SARIF 2.1.0 (OASIS, 2020-03-27); everything else is let through unread. What is read of which
// section, and what is not read on purpose, stands in docs/reference/sarif.md. Writers in Go and .NET put null for an
// absent member: it is read as absent, for every member alike.

const text = z.string().nullish();
const number = z.number().int().nullish();

/** Section 3.11. */
const message = z.object({ text, markdown: text, id: text, arguments: z.array(z.string()).nullish() });
const messageStrings = z.record(z.string(), message).nullish();
const properties = z.record(z.string(), z.unknown()).nullish();

/** Section 3.54. */
const toolComponentReference = z.object({ name: text, index: number, guid: text });

/** Section 3.52. */
const descriptorReference = z.object({
  id: text,
  index: number,
  guid: text,
  toolComponent: toolComponentReference.nullish(),
});

const configuration = z.object({ level: text });

/** Section 3.51. */
const configurationOverride = z.object({ configuration, descriptor: descriptorReference });

/** Section 3.49, a rule, the kind of a notification, or an entry of a taxonomy. */
const reportingDescriptor = z.object({
  id: z.string(),
  guid: text,
  name: text,
  helpUri: text,
  shortDescription: message.nullish(),
  fullDescription: message.nullish(),
  defaultConfiguration: configuration.nullish(),
  messageStrings,
  relationships: z
    .array(z.object({ target: descriptorReference, kinds: z.array(z.string()).nullish() }))
    .nullish(),
  properties,
});
const descriptors = z.array(reportingDescriptor).nullish();

/** Section 3.19: the driver, an extension or a taxonomy. */
const toolComponent = z.object({
  name: text,
  guid: text,
  rules: descriptors,
  notifications: descriptors,
  taxa: descriptors,
  globalMessageStrings: messageStrings,
});

const region = z.object({ startLine: number, startColumn: number, endLine: number, endColumn: number });

/** Section 3.4. */
const artifactLocation = z.object({ uri: text, uriBaseId: text, index: number });

/** Section 3.28. */
const location = z.object({
  physicalLocation: z
    .object({ artifactLocation: artifactLocation.nullish(), region: region.nullish() })
    .nullish(),
  logicalLocations: z.array(z.object({ fullyQualifiedName: text, name: text })).nullish(),
});
const locations = z.array(location).nullish();

/** Section 3.27. */
const result = z.object({
  ruleId: text,
  ruleIndex: number,
  rule: descriptorReference.nullish(),
  taxa: z.array(descriptorReference).nullish(),
  kind: text,
  level: text,
  message,
  analysisTarget: artifactLocation.nullish(),
  locations,
  suppressions: z.array(z.object({ kind: text, status: text })).nullish(),
  baselineState: text,
  provenance: z.object({ invocationIndex: number }).nullish(),
  properties,
});

/** Section 3.58. */
const notification = z.object({
  level: text,
  message: message.nullish(),
  descriptor: descriptorReference.nullish(),
  locations,
});
const notifications = z.array(notification).nullish();

/** Section 3.20. */
const invocation = z.object({
  executionSuccessful: z.boolean().nullish(),
  processStartFailureMessage: text,
  toolExecutionNotifications: notifications,
  toolConfigurationNotifications: notifications,
  ruleConfigurationOverrides: z.array(configurationOverride).nullish(),
  notificationConfigurationOverrides: z.array(configurationOverride).nullish(),
});

/** Section 3.14. */
const run = z.object({
  tool: z.object({
    driver: toolComponent.extend({ name: z.string(), version: text, semanticVersion: text }),
    extensions: z.array(toolComponent).nullish(),
  }),
  taxonomies: z.array(toolComponent).nullish(),
  invocations: z.array(invocation).nullish(),
  originalUriBaseIds: z.record(z.string(), artifactLocation).nullish(),
  artifacts: z.array(z.object({ location: artifactLocation.nullish() })).nullish(),
  /** Null or absent means that the tool did not finish (section 3.14.23): not the same as empty. */
  results: z.array(result).nullish(),
  /** Section 3.15: parts of the run that stand in other files. */
  externalPropertyFileReferences: z.record(z.string(), z.unknown()).nullish(),
});

export const sarifLog = z.object({
  version: z.literal('2.1.0'),
  runs: z.array(run),
  /** Section 3.13.5. */
  inlineExternalProperties: z.array(z.record(z.string(), z.unknown())).nullish(),
});

export type SarifLog = z.infer<typeof sarifLog>;
export type SarifRun = SarifLog['runs'][number];
export type SarifInvocation = z.infer<typeof invocation>;
export type SarifNotification = z.infer<typeof notification>;
export type SarifResult = z.infer<typeof result>;
export type SarifRule = z.infer<typeof reportingDescriptor>;
export type SarifComponent = z.infer<typeof toolComponent>;
export type SarifReference = z.infer<typeof descriptorReference>;
export type SarifOverride = z.infer<typeof configurationOverride>;
export type SarifMessage = z.infer<typeof message>;
export type SarifPlace = z.infer<typeof location>;
export type SarifArtifact = z.infer<typeof artifactLocation>;
