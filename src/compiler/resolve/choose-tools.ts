import { byCodeUnit } from '../../core/canonical.ts';
import { toolId } from '../../core/ids.ts';
import { type NotRun, notRunText } from '../../core/not-run.ts';
import type { DisabledTool } from '../model/model.ts';
import type { CheckContext } from '../names/check-context.ts';
import { CUSTOM_TOOLS } from '../names/custom-tools.ts';
import { checkTool, isKnownTool, type KnownNames } from '../names/known-names.ts';
import { pointer } from '../source/pointer.ts';
import type { ProfileLevel } from './profile-chain.ts';

export interface ChosenTool {
  readonly id: string;
  /** Whether the manifest or the command line names it. */
  readonly named: boolean;
  readonly pointer: string;
}

export interface ToolChoice {
  /** Sorted by id. */
  readonly chosen: readonly ChosenTool[];
  /** Every other tool that there is, and every tool that the profile holds but this version does not; sorted. */
  readonly notPlanned: readonly DisabledTool[];
}

/** `--only` and `--skip`. */
export interface CommandLineTools {
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

interface State {
  readonly on: boolean;
  readonly named: boolean;
  readonly pointer: string;
  /** Of one that is off. */
  readonly reason?: NotRun;
  readonly skipped?: boolean;
}

/** Later wins: the profile chain from base to leaf, `tools.<id>.enabled`, `--only`, `--skip`. */
export function chooseTools(
  levels: readonly ProfileLevel[],
  asked: CommandLineTools,
  context: Pick<CheckContext, 'names' | 'out'>,
): ToolChoice {
  const { names } = context;
  const states = new Map<string, State>();
  const profile = levels.at(-1)?.name ?? '';
  for (const level of levels) applyLevel(level, states);
  for (const [id, settings] of [...names.tools, ...names.custom]) {
    const at = names.custom.has(id) ? pointer('tools', CUSTOM_TOOLS, id) : pointer('tools', id);
    const before = states.get(id);
    if (settings.enabled !== undefined) {
      const setting = `${names.custom.has(id) ? 'tools.custom' : 'tools'}.${id}.enabled`;
      const reason: NotRun = { kind: 'disabled-by-setting', setting };
      states.set(id, { on: settings.enabled, named: true, pointer: at, reason });
    } else if (before?.on && !before.named) states.set(id, { ...before, named: true, pointer: at });
  }
  applyCommandLine(states, asked, context);
  const everything = new Set([...names.catalogue.keys(), ...names.custom.keys(), ...states.keys()]);
  const chosen: ChosenTool[] = [];
  const notPlanned: DisabledTool[] = [];
  for (const id of [...everything].sort(byCodeUnit)) {
    // Nobody chooses a database: the scanners that read it bring it in.
    if (names.catalogue.get(id)?.kind === 'database') continue;
    const state = states.get(id);
    if (state?.on && isKnownTool(id, names)) chosen.push({ id, named: state.named, pointer: state.pointer });
    else notPlanned.push(leftTool(id, state, names, profile));
  }
  return { chosen, notPlanned };
}

function leftTool(id: string, state: State | undefined, names: KnownNames, profile: string): DisabledTool {
  const future = state?.on && !isKnownTool(id, names);
  const own = future ? ({ kind: 'not-in-version' } as const) : state?.reason;
  const reason: NotRun = own ?? { kind: 'not-in-profile', profile };
  return {
    tool: toolId(id),
    state: state?.skipped ? 'skipped' : 'disabled',
    reason,
    text: notRunText(reason),
  };
}

function applyLevel(level: ProfileLevel, states: Map<string, State>): void {
  const named = level.pointer !== undefined;
  for (const id of level.enable) {
    const at = named ? `${level.pointer}/tools/enable` : '';
    states.set(id, { on: true, named, pointer: at });
  }
  for (const id of level.disable) {
    const reason: NotRun = { kind: 'disabled-by-profile', profile: level.name };
    states.set(id, { on: false, named, pointer: named ? `${level.pointer}/tools/disable` : '', reason });
  }
}

/** A scanner that is named alone brings along those whose artifacts it cannot do without. */
function withProducers(only: readonly string[], names: KnownNames): ReadonlySet<string> {
  const wanted = new Set(only);
  // A set goes on to what is added while it is walked.
  for (const id of wanted) {
    for (const { from, optional } of names.catalogue.get(id)?.requires.consumes ?? []) {
      if (optional !== true && names.catalogue.has(from)) wanted.add(from);
    }
  }
  return wanted;
}

function applyCommandLine(
  states: Map<string, State>,
  { only, skip }: CommandLineTools,
  context: Pick<CheckContext, 'names' | 'out'>,
): void {
  const { names } = context;
  if (only.length > 0) {
    const wanted = withProducers(only, names);
    for (const [id, state] of states) {
      if (!state.on || wanted.has(id) || !isKnownTool(id, names)) continue;
      states.set(id, { ...state, on: false, skipped: true, reason: { kind: 'not-named-by-only' } });
    }
    for (const id of wanted) {
      if (!checkTool(id, '', context, { usage: true })) continue;
      const at = states.get(id)?.pointer ?? '';
      states.set(id, { on: true, named: only.includes(id), pointer: at });
    }
  }
  for (const id of skip) {
    if (!checkTool(id, '', context, { usage: true, mayBeFuture: true })) continue;
    const before = states.get(id);
    if (before?.on)
      states.set(id, { ...before, on: false, skipped: true, reason: { kind: 'skipped-by-flag' } });
  }
}
