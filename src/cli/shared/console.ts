import type { Diagnostic } from '../../core/diagnostic.ts';
import { isOfMachine } from '../../core/is-of-machine.ts';
import { renderDiagnostic } from '../../core/render-diagnostic.ts';
import { EXIT } from './exit-code.ts';
import { type Paint, painter, printableLines } from './paint.ts';

/** The part of a stream that commands write to. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** What a command may touch of the world around it: results go out by `print` or `document`, all else by the rest. */
export interface Console {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--json`: one document on stdout, events as JSON lines on stderr. */
  readonly json: boolean;
  /** Colours for stdout; none in a pipe or with NO_COLOR. */
  readonly paint: Paint;
  /** Colours for stderr. */
  readonly paintError: Paint;
  /** Columns of stdout; unlimited in a pipe. */
  readonly width: number;
  readonly stderr: Sink;
  /** Whether a live list can be drawn on stderr. */
  readonly live: boolean;
  /** A result for people, with a line break behind it. */
  print(text: string): void;
  /** Bytes as they are, for documents that have a canonical form; on a terminal, control characters are made visible. */
  raw(text: string): void;
  /** The one JSON document of `--json`. */
  document(schema: string, value: object): void;
  /** A line of progress for people; nothing under `--json`. */
  note(text: string): void;
  /** Diagnostics on stderr, as text or as JSON lines. */
  diagnose(diagnostics: readonly Diagnostic[]): void;
  /** Ends a command that has no result: diagnostics, and under `--json` a document that holds them. Exit 2, or 3 where the machine is at fault. */
  refuse(diagnostics: readonly Diagnostic[], exitCode?: number | undefined): number;
}

export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Sink;
  readonly stderr: Sink;
}

/** Ties a command to its streams. */
export function openConsole({ cwd, env, stdout, stderr }: Surroundings, json: boolean): Console {
  const started = performance.now();
  const colored = (stream: Sink): boolean => !json && wantsColor(env, stream.isTTY === true);
  const paintError = painter(colored(stderr));
  const diagnose = (diagnostics: readonly Diagnostic[]): void => {
    const at = Math.round(performance.now() - started);
    const lines = diagnostics.map((diagnostic) =>
      json
        ? `${JSON.stringify({ type: 'diagnostic', at, diagnostic })}\n`
        : `${paintLevel(renderDiagnostic(diagnostic), diagnostic, paintError)}\n`,
    );
    // At once: to a file or a terminal each call waits for its own write.
    if (lines.length > 0) stderr.write(json ? forStream(stderr, lines.join('')) : lines.join(''));
  };
  const raw = (text: string): void => void stdout.write(forStream(stdout, text));
  const document = (schema: string, value: object): void => {
    raw(`${JSON.stringify({ schema: schemaId(schema), ...value }, null, 2)}\n`);
  };
  return {
    cwd,
    env,
    json,
    paint: painter(colored(stdout)),
    paintError,
    width: stdout.isTTY === true ? Math.max(40, stdout.columns ?? 80) : Number.POSITIVE_INFINITY,
    stderr,
    live: !json && stderr.isTTY === true && env.TERM !== 'dumb' && !env.CI,
    print: (text) => void stdout.write(`${text}\n`),
    raw,
    document,
    note: (text) => {
      if (!json) stderr.write(`${text}\n`);
    },
    diagnose,
    refuse: (diagnostics, exitCode = isOfMachine(diagnostics) ? EXIT.infrastructure : EXIT.usage) => {
      diagnose(diagnostics);
      if (json) document('error', { exitCode, diagnostics });
      return exitCode;
    },
  };
}

/** JSON lets control characters of Unicode and marks of writing from right to left stand as they are; a terminal obeys them. */
export function forStream(stream: Sink, text: string): string {
  return stream.isTTY === true ? printableLines(text) : text;
}

/** NO_COLOR wins, then FORCE_COLOR (for CI logs that show colours), then whether it is a terminal that has any. */
function wantsColor({ NO_COLOR, FORCE_COLOR, TERM }: Surroundings['env'], isTerminal: boolean): boolean {
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && TERM !== 'dumb';
}

/** Every document's schema id, spec section 6. */
export function schemaId(name: string): string {
  return `https://secplan.dev/schema/${name}/v1`;
}

const LEVEL_STYLE = { error: 'red', warning: 'yellow', note: 'cyan' } as const;

function paintLevel(text: string, { level, code }: Diagnostic, paint: Paint): string {
  const label = `${level}[${code}]`;
  return text.replace(label, () => paint(['bold', LEVEL_STYLE[level]], label));
}
