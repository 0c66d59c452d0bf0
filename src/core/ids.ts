declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Id of one stage of a plan: `<tool>` or `<tool>:<target>`; unique in the plan. */
export type StageId = Branded<'StageId'>;
/** Id of a scanner in the registry, for example `trivy-fs`. */
export type ToolId = Branded<'ToolId'>;
/** Id of an artifact: `<stage id>/<output name>`. */
export type ArtifactId = Branded<'ArtifactId'>;
/** `sha256:` and 64 lower-case hex digits. */
export type Digest = Branded<'Digest'>;
/** Stable identity of a finding: 64 lower-case hex digits. */
export type Fingerprint = Branded<'Fingerprint'>;

const TOOL = /^[a-z][a-z0-9-]{0,62}$/;
const STAGE = /^[a-z][a-z0-9-]{0,62}(:[A-Za-z0-9][A-Za-z0-9._-]{0,127})?$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** @throws TypeError when the text is not a registry id; callers validate foreign text before minting. */
export function toolId(text: string): ToolId {
  if (!TOOL.test(text)) throw new TypeError(`not a tool id: ${JSON.stringify(text)}`);
  return text as ToolId;
}

/** Whether a text could be a tool id. */
export function isToolId(text: string): boolean {
  return TOOL.test(text);
}

/** @throws TypeError when tool or target do not form a stage id. */
export function stageId(tool: string, target?: string): StageId {
  const text = target === undefined ? tool : `${tool}:${target}`;
  if (!STAGE.test(text)) throw new TypeError(`not a stage id: ${JSON.stringify(text)}`);
  return text as StageId;
}

/** Whether a text could be a stage id. */
export function isStageId(text: string): boolean {
  return STAGE.test(text);
}

/** The artifact that a stage leaves under one of its output names. */
export function artifactId(stage: StageId, output: string): ArtifactId {
  return `${stage}/${output}` as ArtifactId;
}

/** @throws TypeError when the text is not `sha256:` and 64 hex digits. */
export function digest(text: string): Digest {
  if (!DIGEST.test(text)) throw new TypeError(`not a digest: ${JSON.stringify(text)}`);
  return text as Digest;
}

/** Takes 64 hex digits, as `sha256Hex` gives them; not looked at, as ten thousand are made in a run. */
export function digestOfHex(hex: string): Digest {
  return `sha256:${hex}` as Digest;
}

/** Whether a text is a digest. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** Takes 64 hex digits, as `sha256Hex` gives them. */
export function fingerprint(hex: string): Fingerprint {
  return hex as Fingerprint;
}
