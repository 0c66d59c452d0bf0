import type { DisabledTool, ModelTarget, ModelTool } from '../../compiler/model/model.ts';
import { byCodeUnit, inOrder } from '../../core/canonical.ts';
import { CATEGORIES, type Category } from '../../core/category.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { didYouMean as nearest } from '../../core/did-you-mean.ts';
import { withText } from '../../core/gap.ts';
import { artifactId, type Digest, isStageId, type StageId, stageId } from '../../core/ids.ts';
import { type NotRun, notRunText } from '../../core/not-run.ts';
import { failedWith, type PartialOutcome, success } from '../../core/outcome.ts';
import type { CatalogueEntry } from '../../stages/contract/catalogue.ts';
import type { StageCommand } from '../../stages/contract/command.ts';
import { coversOf } from '../../stages/contract/looks-for.ts';
import type { ArtifactRef, ToolStage } from '../ir/ir.ts';
import { globsBelow, selectFiles } from '../ir/select-files.ts';
import type { Draft, DraftTool, PlanContext } from './draft.ts';
import { startedScripts } from './started-scripts.ts';

/** One stage for each tool and each of its targets. A tool without a target is listed as not applicable. */
export function expandTools(draft: Draft, context: PlanContext): PartialOutcome<Draft> {
  const diagnostics: Diagnostic[] = [];
  const tools: DraftTool[] = [];
  const notPlanned: DisabledTool[] = [...draft.notPlanned];
  const targetsByKind = Map.groupBy(draft.model.targets, (target) => target.kind);
  const reading = { ...context, scriptDigest: readOnce(context) };
  for (const tool of draft.model.tools) {
    const entry = context.catalogue.get(tool.definition);
    if (entry === undefined) {
      diagnostics.push(unknownTool(tool, context));
      continue;
    }
    const command = context.commands.get(tool.definition);
    if (command === undefined) throw new Error(`command not loaded: ${tool.definition}`);
    const ofKind = entry.requires.target === 'none' ? NO_TARGET : targetsByKind.get(entry.requires.target);
    const targets = (ofKind ?? []).filter((target) => lacks(entry, target) === undefined);
    if (targets.length === 0) {
      const reason = noTarget(entry, ofKind ?? []);
      notPlanned.push({ tool: tool.id, state: 'not-applicable', reason, text: notRunText(reason) });
      continue;
    }
    const shared = sharedParts(tool, entry, command, reading);
    for (const target of targets) {
      const id = idOf(tool, target, targets.length);
      if (id === undefined) diagnostics.push(unusableName(target));
      else
        tools.push({
          stage: toolStage(id, target, { tool, entry }, forTarget(shared, target, tool, command)),
          tool,
          entry,
          command,
        });
    }
  }
  const expanded = { ...draft, tools, notPlanned };
  return diagnostics.length > 0 ? failedWith(diagnostics, expanded) : success(expanded);
}

/** A database stands for itself. */
const NO_TARGET: readonly ModelTarget[] = [
  { kind: 'none', name: 'none', include: [], exclude: [], details: {}, pointer: '' },
];

/** The details of which a target should have one, and has none. */
function lacks(entry: CatalogueEntry, target: ModelTarget): readonly string[] | undefined {
  return entry.requires.details?.find((any) => any.every((name) => target.details[name] === undefined));
}

function noTarget(entry: CatalogueEntry, ofKind: readonly ModelTarget[]): NotRun {
  const [first] = ofKind;
  const targetKind = entry.requires.target;
  if (first === undefined) return { kind: 'no-target', targetKind };
  const targets = ofKind.map(({ name }) => name);
  return { kind: 'target-lacks', targetKind, targets, details: lacks(entry, first) ?? [] };
}

/** What a tool's stages have in common and takes work to make. */
type Shared = Pick<ToolStage, 'assets' | 'network' | 'options' | 'resources' | 'secrets' | 'notChecked'> & {
  readonly scripts: Readonly<Record<string, Digest>>;
  readonly helpers: Readonly<Record<string, Digest>>;
};

function sharedParts(
  tool: ModelTool,
  entry: CatalogueEntry,
  command: StageCommand<unknown>,
  context: PlanContext & { readonly scriptDigest: ScriptDigest },
): Shared {
  // Those of the manifest hold: its schema was generated from the same declaration.
  const options = inOrder({ ...entry.optionDefaults, ...tool.options });
  const scripts = entry.userDefined ? startedScripts(wordsOf(options.command), '', context) : {};
  return {
    helpers: entry.userDefined ? helpersOf(options, tool, scripts, context) : {},
    assets: assetsOf(entry, context),
    network: tool.network ?? entry.requires.network ?? 'none',
    options,
    resources: { ...entry.resources, ...tool.resources },
    scripts,
    secrets: tool.secrets.length === 0 ? NONE : [...new Set(tool.secrets)].sort(byCodeUnit),
    notChecked: gapsOf(command, options),
  };
}

function wordsOf(command: unknown): readonly string[] {
  return Array.isArray(command) ? command.filter((word) => typeof word === 'string') : [];
}

/** What the options leave unchecked. */
function gapsOf(
  command: StageCommand<unknown>,
  options: Readonly<Record<string, unknown>>,
): ToolStage['notChecked'] {
  const phrases = command.notChecked?.(options) ?? NONE;
  return phrases.length === 0 ? NONE : phrases.map((what) => withText({ kind: 'by-option', what }));
}

/** A target may need its own network; a privacy target may say how much of it is looked at. */
function forTarget(
  parts: Shared,
  target: ModelTarget,
  tool: ModelTool,
  command: StageCommand<unknown>,
): Shared {
  const own = tool.network === undefined ? command.network?.(target) : undefined;
  const shared = own === undefined ? parts : { ...parts, network: own };
  const { sample } = target.details;
  if (sample === undefined || !Object.hasOwn(shared.options, 'sample')) return shared;
  const options = { ...shared.options, sample };
  return { ...shared, options, notChecked: gapsOf(command, options) };
}

// Members stand in code-unit order, so that the canonical writer has nothing to sort.
function toolStage(
  id: StageId,
  target: ModelTarget,
  { tool, entry }: Pick<DraftTool, 'tool' | 'entry'>,
  shared: Shared,
): ToolStage {
  const inputs = entry.userDefined ? shared.options.inputs : undefined;
  const required = Array.isArray(inputs) ? { include: inputs.map(String) } : entry.requires.selection;
  const { appliesIf, privileges, files } = entry.requires;
  // What builds a program reads of the whole tree.
  const built = target.details.build === undefined ? [] : ['.'];
  const named = [...(files ?? []).flatMap((detail) => stringOf(target.details[detail])), ...built];
  const { selection, excludedByManifest } = selectFiles(required, target, Object.keys(shared.scripts), named);
  const { kind, name, path, details } = target;
  return {
    assets: shared.assets,
    category: categoryOf(entry, shared.options),
    ...plannedCovers(entry, shared.options, path),
    definition: tool.definition,
    definitionDigest: entry.definitionDigest,
    excludedByManifest,
    faults: entry.faults,
    ...(Object.keys(shared.helpers).length > 0 ? { helpers: shared.helpers } : {}),
    id,
    inputs: NONE,
    kind: entry.kind,
    needs: NONE,
    network: shared.network,
    options: shared.options,
    outputSpecs: entry.outputs,
    outputs: outputsOf(id, entry),
    ...(privileges === undefined ? {} : { privileges: [...privileges].sort(byCodeUnit) }),
    providers: NONE,
    resources: shared.resources,
    retries: tool.retries,
    ...(Object.keys(shared.scripts).length > 0 ? { scripts: shared.scripts } : {}),
    secrets: secretsOf(entry, target, shared.secrets),
    selection,
    severityMap: tool.severityMap,
    target: {
      ...(Object.keys(details).length === 0 ? {} : { details }),
      kind,
      name,
      ...(path === undefined ? {} : { path }),
    },
    timeoutMs: tool.timeoutMs ?? entry.timeoutMs,
    tool: tool.id,
    notChecked: shared.notChecked,
    ...(appliesIf === undefined ? {} : { appliesIf: globsBelow(path, appliesIf) }),
  };
}

function stringOf(value: unknown): string[] {
  return typeof value === 'string' ? [value] : [];
}

/** The tool's own, and the target's credential where the tool can use one. */
function secretsOf(
  entry: CatalogueEntry,
  { details }: ModelTarget,
  own: readonly string[],
): readonly string[] {
  const auth = details.auth as { readonly secret?: unknown } | undefined;
  if (entry.requires.auth !== true || typeof auth?.secret !== 'string') return own;
  return [...new Set([...own, auth.secret])].sort(byCodeUnit);
}

/** What a database holds of the files decides what is read; it covers nothing itself. */
function plannedCovers(
  { looksFor }: CatalogueEntry,
  options: Shared['options'],
  path: string | undefined,
): Pick<ToolStage, 'covers'> {
  const covers = coversOf(looksFor, options);
  if (covers === undefined) return {};
  return {
    covers: covers.map(({ category, reads }) => ({
      category,
      ...(reads === undefined ? {} : { reads: globsBelow(path, reads) }),
    })),
  };
}

/** A custom stage's own, which the manifest's schema holds to the categories; a scanner's is its definition's. */
function categoryOf(entry: CatalogueEntry, options: Shared['options']): Category {
  const own = CATEGORIES.find((category) => category === options.category);
  return entry.userDefined && own !== undefined ? own : entry.category;
}

// `findings` is what the engine itself makes of a stage's outputs: the artifact that is merged and gated.
function outputsOf(id: StageId, entry: CatalogueEntry): readonly ArtifactRef[] {
  const findings: ArtifactRef = { id: artifactId(id, 'findings'), name: 'findings', type: 'findings' };
  const refs: ArtifactRef[] = entry.kind === 'database' ? [] : [findings];
  for (const { name, type } of entry.outputs) {
    if (name === 'findings') throw new Error(`${id}: the output name "findings" is reserved`);
    refs.push({ id: artifactId(id, name), name, type });
  }
  return refs.sort((a, b) => byCodeUnit(a.name, b.name));
}

// Shared by all stages that have none: a plan may hold 100,000 of them.
const NONE: readonly never[] = [];
const NO_ASSETS: ToolStage['assets'] = {};

function assetsOf(entry: CatalogueEntry, context: PlanContext): ToolStage['assets'] {
  if (entry.assets === undefined) return NO_ASSETS;
  const assets = Object.entries(entry.assets);
  return Object.fromEntries(
    assets.map(([name, path]) => [name, { path, digest: context.assetDigest(path) }]),
  );
}

type ScriptDigest = (path: string) => Digest | undefined;

/** Asks for each path once: many stages may start one script. */
function readOnce(context: Pick<PlanContext, 'scriptDigest'>): ScriptDigest {
  const known = new Map<string, Digest | undefined>();
  return (path) => {
    if (!known.has(path)) known.set(path, context.scriptDigest?.(path));
    return known.get(path);
  };
}

/** What may be sourced or imported, besides the scripts themselves. */
function helpersOf(
  { command }: Readonly<Record<string, unknown>>,
  { args, secrets, network }: ModelTool,
  scripts: Readonly<Record<string, Digest>>,
  { programFiles }: PlanContext,
): Readonly<Record<string, Digest>> {
  const words = [...wordsOf(command), ...args];
  const granted = secrets.length > 0 || typeof network === 'object';
  const files = programFiles?.({ words, granted }) ?? NONE;
  return Object.fromEntries(files.filter(([path]) => !Object.hasOwn(scripts, path)));
}

function idOf(tool: ModelTool, target: ModelTarget, count: number): StageId | undefined {
  if ((target.kind === 'source' && count === 1) || target.kind === 'none') return stageId(tool.id);
  return isStageId(`${tool.id}:${target.name}`) ? stageId(tool.id, target.name) : undefined;
}

function unusableName(target: ModelTarget): Diagnostic {
  return diagnostic('SP2005', 'the name of the target does not fit into a stage id', {
    pointer: `${target.pointer}/name`,
    value: target.name,
    help: 'Use at most 128 letters, digits, dots, dashes and underscores, starting with a letter or digit.',
  });
}

function unknownTool(tool: ModelTool, context: PlanContext): Diagnostic {
  const didYouMean = nearest(tool.definition, context.catalogue.keys());
  return diagnostic('SP2006', `unknown scanner ${tool.definition}`, {
    pointer: tool.pointer,
    value: tool.definition,
    ...(didYouMean === undefined ? {} : { didYouMean }),
  });
}
