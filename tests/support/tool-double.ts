import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ArgvPart, Step } from '../../src/stages/contract/command.ts';
import type { OutputSpec } from '../../src/stages/contract/output.ts';
import type { StageCase } from '../../src/stages/kit/stage-case.ts';
import { TARGET_FILES, WORLD_TARGETS } from '../../src/stages/kit/world-targets.ts';

/** What one process of a double does when it is sent exactly the argv of its step. */
export interface StepPart {
  /** What tells the step: every argument after the program, one a line. */
  readonly argv: string;
  /** `NAME=value`, which its environment must hold. */
  readonly env: readonly string[];
  /** Files below /out. */
  readonly files: Readonly<Record<string, string>>;
  readonly stdout: string;
  readonly stderr: string;
  /** Output name to the stream that is this output. */
  readonly streams: Readonly<Record<string, 'stdout' | 'stderr'>>;
  /** Last command of the script, for example `exit 0`. */
  readonly end: string;
}

/** A program that replays a recorded case, and exits with 99 on any argv that the case does not hold. */
export interface ToolDouble {
  readonly steps: readonly StepPart[];
  readonly interpreter?: string;
}

/** The double of a case's tool: its files, streams and exit codes, as the real tool left them. */
export function doubleOf(recorded: StageCase, specs: readonly OutputSpec[], found: boolean): ToolDouble {
  // Programs of the system are no doubles: they really run.
  const steps = recorded.steps.filter(startsTool);
  const last = steps.length - 1;
  return {
    steps: steps.map((step, index) => ({
      argv: folded(sentToTool(step).map(inSandbox)).join('\n'),
      env: Object.entries(step.env ?? {}).map(([name, part]) => `${name}=${inSandbox(part)}`),
      // The first step writes the files: which of several would have is not on record.
      files: index === 0 ? filesOf(recorded, specs) : {},
      stdout:
        step.stdout === undefined ? (index === 0 ? recorded.stdout : '') : textOf(recorded, step.stdout),
      stderr:
        step.stderr === undefined ? (index === last ? recorded.stderr : '') : textOf(recorded, step.stderr),
      streams: {
        ...(step.stdout === undefined ? {} : { [step.stdout]: 'stdout' as const }),
        ...(step.stderr === undefined ? {} : { [step.stderr]: 'stderr' as const }),
      },
      end: `exit ${exitOf(step, found)}`,
    })),
  };
}

/** Whether the tool runs in it, by itself or by a program of the system (`timeout`). */
export function startsTool({ system, argv }: Step): boolean {
  return system !== true || argv.some(isTool);
}

function sentToTool({ system, argv }: Step): readonly ArgvPart[] {
  return argv.slice(system === true ? argv.findIndex(isTool) + 1 : 1);
}

function isTool(part: ArgvPart): boolean {
  return typeof part === 'object' && part.at === 'tool';
}

/** As the script below does: files that follow one another are one. */
function folded(words: readonly string[]): string[] {
  return words.filter((word, index) => word !== SOME_FILES || words[index - 1] !== SOME_FILES);
}

function filesOf(recorded: StageCase, specs: readonly OutputSpec[]): Record<string, string> {
  const files: Record<string, string> = {};
  for (const { name, file, tree } of specs) {
    const text = recorded.outputs[name];
    // A folder is on record by the list of its files alone.
    if (tree !== true && file !== undefined && text !== undefined) files[file] = text;
  }
  return files;
}

function textOf(recorded: StageCase, output: string): string {
  return recorded.outputs[output] ?? '';
}

function exitOf(step: Step, found: boolean): string {
  const wanted = Object.entries(step.exits).find(([, meaning]) => meaning === (found ? 'findings' : 'clean'));
  return wanted?.[0] ?? Object.keys(step.exits)[0] ?? '0';
}

/** The sandbox's places, written down a second time on purpose: the runtime must not move them unseen. */
export function inSandbox(part: ArgvPart): string {
  if (typeof part === 'string') return part;
  if (part.at === 'files') return SOME_FILES;
  if (part.at === 'tool') throw new TypeError('a tool is sent its own path by no stage');
  // A single file of the tree is seen as files are; the script cannot tell them apart.
  if (part.at === 'source' && part.prefix === undefined && TARGET_FILES[part.sub ?? ''] !== undefined)
    return SOME_FILES;
  const root = {
    source: '/src',
    out: '/out',
    tmp: '/tmp',
    endpoint: WORLD_TARGETS.http[0].url,
    asset: `/assets/${'name' in part ? part.name : ''}`,
    artifact: `/artifacts/${'name' in part ? part.name : ''}`,
  }[part.at];
  return `${part.prefix ?? ''}${part.sub === undefined ? root : `${root}/${part.sub}`}`;
}

/** Writes a double as one script. */
export function writeDouble(program: string, double: ToolDouble): void {
  mkdirSync(dirname(program), { recursive: true });
  const parts = double.steps.map((step) => {
    const lines = [`if [ "$sent" = ${quoted(step.argv)} ]; then`];
    for (const line of step.env) lines.push(`has ${quoted(line)}`);
    for (const [path, text] of Object.entries(step.files)) {
      lines.push(`mkdir -p ${quoted(dirname(`/out/${path}`))}`);
      lines.push(`printf %s ${quoted(text)} > ${quoted(`/out/${path}`)} || exit 98`);
    }
    lines.push(`printf %s ${quoted(step.stdout)}`, `printf %s ${quoted(step.stderr)} >&2`, step.end, 'fi');
    return lines.join('\n');
  });
  const script = [`#!${double.interpreter ?? '/bin/sh'}`, HEAD, ...parts, TAIL].join('\n');
  writeFileSync(program, script, { mode: 0o755 });
}

/** Stands for one or more files of the input view, which are there. */
const SOME_FILES = '<files>';

// A program that PATH finds is asked for its version before anything else.
const HEAD = `[ "$*" = --version ] && { echo double 1.0.0; exit 0; }
has() { env | grep -qxF -- "$1" || { echo "not in the environment: $1" >&2; exit 99; }; }
sent=$(last=; for word; do
  case "$word" in /src/?*) [ -f "$word" ] && word='${SOME_FILES}';; esac
  [ "$word" = '${SOME_FILES}' ] && [ "$last" = "$word" ] && continue
  last=$word; printf '%s\\n' "$word"
done)`;
const TAIL = 'echo "not an argv of the case: $sent" >&2\nexit 99\n';

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
