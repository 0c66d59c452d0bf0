import { byCodeUnit, canonicalJson, digestOfJson } from '../../core/canonical.ts';
import type { ArtifactId, Digest } from '../../core/ids.ts';
import type { ToolStage } from '../../planner/ir/ir.ts';
import type { ActionRecord, ReadyTool } from '../ports.ts';

/** Raised when the same fields would come to mean something else: every older key is then a miss. */
const KEY_SCHEMA = 'secplan action key v1';
const LONGEST_ABOUT = 4096;

/** All that decides what a tool writes. */
export interface KeyRequest {
  readonly stage: ToolStage;
  readonly tool: Pick<ReadyTool, 'provider' | 'digest' | 'version' | 'pinned' | 'host'>;
  /** Digest of the input set; null where the target has no files. */
  readonly input: Digest | null;
  /** Digests of the consumed artifacts. One that is missing makes the stage uncacheable. */
  readonly artifacts: ReadonlyMap<ArtifactId, Digest>;
  readonly sandboxed: boolean;
  /** For example `linux-x64`. */
  readonly platform: string;
  /** YYYY-MM-DD in UTC: a database that is fetched holds for a day. */
  readonly day?: string | undefined;
  /** The image around the tool, on runtimes that have one: its results are never another runtime's. */
  readonly surroundings?: { readonly image: string; readonly pinned: boolean };
}

/** Named parts of a key; their names are what `why` prints. */
export type KeyParts = Readonly<Record<string, Digest>>;

export interface CacheKey {
  readonly key: Digest;
  readonly parts: KeyParts;
  /** What the parts stand for, as short text; to be kept in the record. */
  readonly about: Readonly<Record<string, string>>;
  /** Set where the result must not be taken from or put into the cache: something it depends on is not in the key. */
  readonly uncacheable: string | null;
}

/**
 * The key of a stage's raw outputs. Pure. Not in it, as they do not change what the tool writes: budgets, timeouts,
 * retries, resources, severity map, names, places, and how outputs are parsed or published.
 */
export function cacheKey(request: KeyRequest): CacheKey {
  const { stage, tool } = request;
  const { provider, steps } = tool.provider;
  const values: Readonly<Record<string, unknown>> = {
    tool: {
      digest: tool.digest,
      version: tool.version,
      provider: {
        runtime: provider.runtime,
        kind: provider.kind,
        package: provider.package,
        bin: provider.bin,
      },
    },
    command: steps,
    options: stage.options,
    files: request.input,
    // The path of a target is an argument of some tools; its name is a label.
    target: { kind: stage.target.kind, path: stage.target.path ?? null },
    assets: Object.entries(stage.assets)
      .map(([name, asset]) => [name, asset.digest])
      .sort(byFirst),
    artifacts: stage.inputs
      .map((input) => [input.name, request.artifacts.get(input.id) ?? null])
      .sort(byFirst),
    outputs: stage.outputSpecs.map((output) => [output.name, output.type, output.file ?? null]).sort(byFirst),
    network: isDaily(request) ? { of: network(stage), day: request.day } : network(stage),
    secrets: [...stage.secrets].sort(byCodeUnit),
    sandbox: request.sandboxed,
    host: {
      platform: request.platform,
      facts: tool.host ?? {},
      ...(request.surroundings === undefined ? {} : { image: request.surroundings.image }),
    },
  };
  const parts = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, digestOfJson(value)]),
  );
  return {
    key: digestOfJson({ schema: KEY_SCHEMA, parts }),
    parts,
    about: {
      tool: `${tool.version ?? 'unknown version'} (${tool.digest.slice(0, 'sha256:'.length + 12)})`,
      options: shortened(canonicalJson(stage.options)),
      command: shortened(canonicalJson(steps.map((step) => step.argv))),
      network: canonicalJson(network(stage)),
      sandbox: request.sandboxed ? 'on' : 'off',
      host: shortened(
        canonicalJson({
          platform: request.platform,
          ...tool.host,
          ...(request.surroundings === undefined ? {} : { image: request.surroundings.image }),
        }),
      ),
    },
    uncacheable: whyUncacheable(request),
  };
}

/** Unknown input means uncacheable. */
function whyUncacheable(request: KeyRequest): string | null {
  const { stage, tool } = request;
  if (stage.secrets.length > 0) return 'it gets secrets, whose values are not part of the cache key';
  if (stage.network !== 'none' && !isDaily(request))
    return 'it reads from the network, whose answers are not part of the cache key';
  const missing = stage.inputs.find((input) => !request.artifacts.has(input.id));
  if (missing !== undefined) return `the content of ${missing.id} is not known`;
  if (!tool.pinned && tool.version === null) return 'its tool is not pinned and reports no version';
  if (request.surroundings?.pinned === false) return 'its image is not pinned';
  if (request.input === null && stage.inputs.length === 0 && stage.kind !== 'database')
    return 'its target is not a file';
  return null;
}

/** A database from the network: fetched once a day, so the day stands in its key for what the network answers. */
function isDaily({ stage, day }: KeyRequest): boolean {
  return stage.kind === 'database' && day !== undefined && typeof stage.network === 'object';
}

function network(stage: ToolStage): unknown {
  return typeof stage.network === 'string'
    ? stage.network
    : { egress: [...stage.network.egress].sort(byCodeUnit) };
}

function byFirst(a: readonly unknown[], b: readonly unknown[]): number {
  return byCodeUnit(String(a[0]), String(b[0]));
}

function shortened(text: string): string {
  return text.length > LONGEST_ABOUT ? '' : text;
}

/** One named field that differs from the last time. */
export interface MissReason {
  readonly field: string;
  /** One line, for example `options changed: level "low" -> "high"`. */
  readonly text: string;
}

/** Names of files by what happened to them since the last time. */
export interface ChangedFiles {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/**
 * Why a stage was not taken from the cache, field by field; empty when its key is that of the record.
 * @param files what happened to the input files, where both lists are at hand
 */
export function explainMiss(
  previous: ActionRecord | undefined,
  now: Pick<CacheKey, 'parts' | 'about' | 'uncacheable'>,
  files?: ChangedFiles,
): readonly MissReason[] {
  if (now.uncacheable !== null) return [{ field: 'cacheable', text: `never cached: ${now.uncacheable}` }];
  if (previous === undefined)
    return [{ field: 'record', text: 'the cache has no earlier result of this stage' }];
  const names = new Set([...Object.keys(previous.parts), ...Object.keys(now.parts)]);
  return [...names]
    .filter((name) => previous.parts[name] !== now.parts[name])
    .sort(byCodeUnit)
    .map((field) => ({ field, text: describe(field, previous.about?.[field], now.about[field], files) }));
}

function describe(
  field: string,
  before: string | undefined,
  after: string | undefined,
  files: ChangedFiles | undefined,
): string {
  if (field === 'files' && files !== undefined) return describeFiles(files);
  if (before === undefined || after === undefined || before === '' || after === '' || before === after)
    return `${field} changed`;
  if (field !== 'options') return `${field} changed: ${before} -> ${after}`;
  return `options changed: ${changedMembers(JSON.parse(before), JSON.parse(after))}`;
}

function changedMembers(before: Record<string, unknown>, after: Record<string, unknown>): string {
  const text = (value: unknown): string => (value === undefined ? '(unset)' : canonicalJson(value));
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort(byCodeUnit)
    .filter((name) => text(before[name]) !== text(after[name]))
    .map((name) => `${name} ${text(before[name])} -> ${text(after[name])}`)
    .join(', ');
}

const NAMED_AT_MOST = 5;

function describeFiles(files: ChangedFiles): string {
  const said = (['changed', 'added', 'removed'] as const)
    .filter((what) => files[what].length > 0)
    .map((what) => {
      const names = files[what]
        .slice(0, NAMED_AT_MOST)
        .map((name) => (/[^\x20-\x7e]/.test(name) ? JSON.stringify(name) : name));
      const more = files[what].length - names.length;
      const count = files[what].length;
      return `${count} ${count === 1 ? 'file' : 'files'} ${what}: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    });
  return said.length === 0 ? 'files changed' : said.join('; ');
}
