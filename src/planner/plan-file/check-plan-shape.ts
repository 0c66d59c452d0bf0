import { isDigest, isStageId } from '../../core/ids.ts';
import { isRecord } from '../../core/is-record.ts';
import { findCycle, stageGraph } from '../graph/graph.ts';
import { wrongReceiver } from './check-receiver-shape.ts';
import { wrongRemoteCache } from './check-remote-cache-shape.ts';

type Fields = Readonly<Record<string, unknown>>;

export const PLAN_SCHEMA = 'https://secplan.dev/schema/plan/v1';
const KINDS: ReadonlySet<unknown> = new Set([
  'scan',
  'sbom',
  'database',
  'service',
  'aggregate',
  'gate',
  'report',
  'attest',
  'sign',
  'deliver',
  'notify',
]);
// The plan's own shape needs 11 levels; options of a scanner may hold some more.
const MAX_DEPTH = 64;

/**
 * What is wrong with a value as a plan, in words; undefined when nothing is. A plan's file is foreign: its digest shows
 * that it is whole, not that it is harmless, so its graph must be one that can be run and its paths must stay inside.
 */
export function checkPlanShape(value: unknown): string | undefined {
  if (tooDeep(value)) return `it is nested deeper than ${MAX_DEPTH} levels`;
  if (!isRecord(value)) return 'it is not an object';
  if (value.schema !== PLAN_SCHEMA) return `its schema is not ${PLAN_SCHEMA}`;
  for (const name of ['secplan', 'profile', 'name', 'planDigest']) {
    if (typeof value[name] !== 'string') return `${name} is not a string`;
  }
  for (const name of ['policy', 'labels', 'origins']) {
    if (!isRecord(value[name])) return `${name} is not an object`;
  }
  for (const name of ['stages', 'notPlanned', 'sourceExclude']) {
    if (!Array.isArray(value[name])) return `${name} is not a list`;
  }
  const cache = value.remoteCache === undefined ? undefined : wrongRemoteCache(value.remoteCache);
  return cache ?? wrongStages(value.stages as readonly unknown[]);
}

function wrongStages(stages: readonly unknown[]): string | undefined {
  const ids = new Set<unknown>();
  for (const [index, stage] of stages.entries()) {
    if (!isRecord(stage)) return `stage ${index} is not an object`;
    if (typeof stage.id !== 'string' || !isStageId(stage.id)) return `stage ${index} has no id`;
    if (ids.has(stage.id)) return `two stages have the id ${stage.id}`;
    ids.add(stage.id);
    const wrong = wrongStage(stage);
    if (wrong !== undefined) return `stage ${stage.id}: ${wrong}`;
  }
  const nodes = stages as readonly { readonly id: string; readonly needs: readonly string[] }[];
  for (const { id, needs } of nodes) {
    for (const need of needs)
      if (!ids.has(need)) return `stage ${id} needs ${JSON.stringify(need)}, which does not exist`;
  }
  const uncounted = notGated(stages as readonly Fields[]);
  if (uncounted !== undefined) return uncounted;
  const cycle = findCycle(stageGraph(nodes));
  return cycle && `stages depend on each other: ${cycle.slice(0, 20).join(' -> ')}`;
}

// A scanner whose findings are not merged, or merged findings that are not gated, would be a false green.
function notGated(stages: readonly Fields[]): string | undefined {
  const needsOf = (id: string) =>
    new Set(stages.find((stage) => stage.id === id && stage.kind === id)?.needs as string[]);
  const merged = needsOf('aggregate');
  const loose = stages.find(
    ({ kind, id }) => (kind === 'scan' || kind === 'sbom') && !merged.has(id as string),
  );
  if (loose !== undefined) return `the findings of ${String(loose.id)} are not gated`;
  if (!needsOf('gate').has('aggregate')) return 'it has no gate stage for the merged findings';
  return needsOf('report').has('gate') ? undefined : 'it has no report stage for its gate';
}

function wrongGaps(gaps: unknown): string | undefined {
  if (!Array.isArray(gaps)) return 'notChecked is not a list';
  const whole = gaps.every(
    (gap) => isRecord(gap) && typeof gap.kind === 'string' && typeof gap.text === 'string',
  );
  return whole ? undefined : 'notChecked has an entry without kind and text';
}

function wrongStage(stage: Fields): string | undefined {
  if (!KINDS.has(stage.kind)) return 'it has an unknown kind';
  for (const name of ['needs', 'inputs', 'outputs']) {
    if (!Array.isArray(stage[name])) return `${name} is not a list`;
  }
  if (stage.kind === 'service') return wrongService(stage);
  if (stage.kind === 'attest') return wrongGaps(stage.notChecked);
  if (stage.kind === 'sign') return wrongSigner(stage);
  if (stage.kind === 'deliver' || stage.kind === 'notify') return wrongReceiver(stage);
  if (stage.kind !== 'scan' && stage.kind !== 'sbom' && stage.kind !== 'database') return undefined;
  for (const name of ['providers', 'outputSpecs', 'faults', 'secrets', 'excludedByManifest']) {
    if (!Array.isArray(stage[name])) return `${name} is not a list`;
  }
  const gaps = wrongGaps(stage.notChecked);
  if (gaps !== undefined) return gaps;
  for (const name of ['target', 'selection', 'options', 'assets', 'resources', 'severityMap']) {
    if (!isRecord(stage[name])) return `${name} is not an object`;
  }
  if (typeof stage.timeoutMs !== 'number' || !(stage.timeoutMs > 0)) return 'timeoutMs is not a duration';
  if (typeof stage.definitionDigest !== 'string' || !isDigest(stage.definitionDigest)) {
    return 'definitionDigest is not a digest';
  }
  const outside = pathsOf(stage).find((path) => path !== undefined && !staysInside(path));
  return outside === undefined ? undefined : `the path ${JSON.stringify(outside)} leaves the workspace`;
}

function wrongService(stage: Fields): string | undefined {
  for (const name of ['ports', 'secrets']) if (!Array.isArray(stage[name])) return `${name} is not a list`;
  for (const name of ['env', 'health']) if (!isRecord(stage[name])) return `${name} is not an object`;
  if (typeof stage.service !== 'string' || stage.id !== `service:${stage.service}`) {
    return 'service does not match its id';
  }
  for (const name of ['command', 'localCommand']) {
    const words = stage[name];
    if (words !== undefined && !(Array.isArray(words) && words.every((word) => typeof word === 'string')))
      return `${name} is not a list of words`;
  }
  const { check, intervalMs, timeoutMs } = stage.health as Fields;
  if (!isRecord(check)) return 'health.check is not an object';
  for (const ms of [intervalMs, timeoutMs])
    if (typeof ms !== 'number' || !(ms > 0)) return 'health has no timeoutoutoutoutout';
  const paths = [
    stage.folder,
    stage.build ?? '.',
    ...Object.keys(isRecord(stage.scripts) ? stage.scripts : {}),
  ];
  const outside = paths.find((path) => !staysInside(path));
  return outside === undefined ? undefined : `the path ${JSON.stringify(outside)} leaves the workspace`;
}

function wrongSigner({ id, signer, secrets, rekor }: Fields): string | undefined {
  const texts = (value: unknown): boolean =>
    Array.isArray(value) && value.every((item) => typeof item === 'string');
  if (id !== 'sign') return 'a sign stage must have the id sign';
  if (!isRecord(signer) || !texts(secrets)) return 'it names no signer or no secrets';
  if (rekor !== null && typeof rekor !== 'string') return 'rekor is not an address';
  const { method, key, command } = signer;
  if (method === 'key') return typeof key === 'string' ? undefined : 'its key has no name';
  if (method === 'command')
    return texts(command) && (command as string[])[0] ? undefined : 'its command is empty';
  return method === 'keyless' ? undefined : 'it has an unknown signing method';
}

function pathsOf(stage: Fields): readonly unknown[] {
  const member = (value: unknown, name: string) => (isRecord(value) ? value[name] : undefined);
  const specs = stage.outputSpecs as readonly unknown[];
  return [
    member(stage.target, 'path'),
    ...Object.values(stage.assets as Fields).map((asset) => member(asset, 'path') ?? null),
    ...specs.flatMap((spec) => [member(spec, 'file'), member(spec, 'publishAs')]),
    ...(isRecord(stage.scripts) ? Object.keys(stage.scripts) : []),
  ];
}

function staysInside(path: unknown): boolean {
  if (typeof path !== 'string' || path.startsWith('/') || path.includes('\0')) return false;
  return !path.split(/[\\/]/).includes('..');
}

// JSON.parse is iterative, the canonical writer is not: foreign nesting is bounded before it gets there.
function tooDeep(value: unknown): boolean {
  let level = typeof value === 'object' && value !== null ? [value as unknown] : [];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    const next: unknown[] = [];
    for (const item of level) {
      for (const member of Object.values(item as object)) {
        if (typeof member === 'object' && member !== null) next.push(member);
      }
    }
    level = next;
  }
  return false;
}
