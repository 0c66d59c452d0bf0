import { type Diagnostic, diagnostic } from '../core/diagnostic.ts';
import { VERSION } from '../core/version.ts';
import { COMMANDS } from './command-table.ts';
import { CommanderError, type Invocation, parseCommandLine } from './program.ts';
import { type Console, openConsole } from './shared/console.ts';
import { EXIT } from './shared/exit-code.ts';
import { notBuilt } from './shared/not-built.ts';
import { printable } from './shared/paint.ts';

const { stdout, stderr, env } = process;

/** Parses a command line, runs its command, and gives the exit code. Never throws and never ends the process. */
export async function runCli(args: readonly string[]): Promise<number> {
  quietPipes();
  catchStray();
  const console = openConsole({ cwd: workingFolder(), env, stdout, stderr }, args.includes('--json'));
  try {
    if (console.cwd === '')
      return console.refuse([diagnostic('SP9001', 'the working folder no longer exists')]);
    let invocation: Invocation | undefined;
    try {
      invocation = parseCommandLine(args, COMMANDS, {
        writeOut: (text) => void stdout.write(text),
        writeErr: (text) => void stderr.write(text),
      });
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      return error.code === 'commander.help' ? EXIT.usage : console.refuse([usage(error)]);
    }
    const code = invocation === undefined ? EXIT.pass : await run(console, invocation);
    return lost ? EXIT.infrastructure : code;
  } catch (error) {
    return bug(console, error);
  }
}

async function run(console: Console, { spec, args, flags }: Invocation): Promise<number> {
  const later = spec.options?.find((item) => item.future && flags[flagName(item.flags)] !== undefined);
  if (later !== undefined) return console.refuse([notBuilt(later.flags.split(' ')[0] ?? '')]);
  if (spec.run === undefined) return console.refuse([notBuilt(spec.name)]);
  return spec.run(console, args, flags, COMMANDS);
}

/** `--stack-base-url <url>` is `stackBaseUrl`. */
function flagName(flags: string): string {
  const long = /--([a-z-]+)/.exec(flags)?.[1] ?? flags;
  return long.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Commander's message as a diagnostic; its suggestion in the diagnostic's own place. */
function usage(error: CommanderError): Diagnostic {
  const [, text = error.message, suggestion] =
    /^(?:error: )?([\s\S]*?)(?:\n\(Did you mean (?:one of )?([^?]+)\?\))?$/.exec(error.message) ?? [];
  const choices = / Allowed choices are (.*)\.$/.exec(text);
  return diagnostic('SP9001', printable(choices ? text.slice(0, choices.index) : text).replace(/\.$/, ''), {
    ...(suggestion === undefined ? {} : { didYouMean: suggestion }),
    ...(choices?.[1] === undefined ? {} : { allowed: choices[1].split(', ') }),
    help: '`secplan --help` lists the commands, `secplan COMMAND --help` the options of one.',
  });
}

function bug(console: Console, error: unknown): number {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const text = printable(message).slice(0, 500);
  if (console.json) {
    stderr.write(`${JSON.stringify({ type: 'bug', message: text })}\n`);
    console.document('error', { exitCode: EXIT.bug, bug: text, diagnostics: [] });
  } else {
    stderr.write(`This is a bug in secplan ${VERSION}: ${text}\n`);
    stderr.write('Please report it in the issue tracker, with the command line');
    stderr.write(env.SECPLAN_DEBUG === '1' ? '.\n' : ' and the output with SECPLAN_DEBUG=1.\n');
  }
  if (env.SECPLAN_DEBUG === '1' && error instanceof Error) stderr.write(`${error.stack ?? ''}\n`);
  return EXIT.bug;
}

/** What is thrown where nobody waits for it ends the process as a bug, too, with no stack over the terminal. */
function catchStray(): void {
  if (process.listenerCount('uncaughtException') > 0) return;
  process.on('uncaughtException', (error) => {
    bug(openConsole({ cwd: '/', env, stdout, stderr }, process.argv.includes('--json')), error);
    process.exit(EXIT.bug);
  });
}

function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '';
  }
}

let guarded = false;
let lost = false;

/** A reader that went away (`secplan plan | head`) is no fault of ours and ends nothing; a full disk is no success. */
function quietPipes(): void {
  if (guarded) return;
  guarded = true;
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      lost = true;
      process.exitCode = EXIT.infrastructure;
    });
  }
}
