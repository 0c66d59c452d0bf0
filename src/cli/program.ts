import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { VERSION } from '../core/version.ts';
import type { ArgumentSpec, CommandSpec, Flags, OptionSpec } from './shared/command-spec.ts';
import { EXIT_CODES_HELP } from './shared/exit-codes-help.ts';

export { CommanderError };

/** A command line that was understood: what to run, and with what. */
export interface Invocation {
  readonly spec: CommandSpec;
  readonly args: readonly (string | readonly string[] | undefined)[];
  readonly flags: Flags;
}

export interface ProgramOutput {
  writeOut(text: string): void;
  writeErr(text: string): void;
}

/**
 * Parses a command line. Help is written by it and gives undefined.
 * @throws CommanderError on a line that is not understood; nothing has been written then.
 */
export function parseCommandLine(
  args: readonly string[],
  specs: readonly CommandSpec[],
  output: ProgramOutput,
): Invocation | undefined {
  let found: Invocation | undefined;
  const program = new Command('secplan')
    .description(
      'Compiles a security manifest into a plan of scanners, runs them, and compares the findings with budgets.',
    )
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .configureOutput({ ...output, outputError: () => {} })
    .exitOverride()
    .showHelpAfterError(false)
    .configureHelp({
      subcommandTerm: (command) =>
        [command.name(), ...command.registeredArguments.map(argumentTerm)].join(' '),
    });
  // A command named first is the one that is meant: the forty others' options would only take time to declare.
  const named = specs.filter((spec) => spec.name === args[0] || (spec.alias ?? '') === args[0]);
  for (const spec of named.length > 0 ? named : specs)
    addCommand(program, spec, (invocation) => (found = invocation));
  program.addHelpText('after', footer(specs));
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return undefined;
    throw error;
  }
  return found;
}

function footer(specs: readonly CommandSpec[]): string {
  const later = specs.filter((spec) => spec.future).map((spec) => spec.name);
  return `
Examples:
  secplan init                     write a starter manifest
  secplan run                      run the light profile here
  secplan run --profile standard   more scanners

${EXIT_CODES_HELP}

Not in this version: ${later.join(', ')}.`;
}

function addCommand(parent: Command, spec: CommandSpec, onFound: (invocation: Invocation) => void): void {
  const command = parent.command(spec.name, { hidden: spec.future === true }).summary(spec.summary);
  command.description(
    spec.details === undefined ? sentence(spec.summary) : `${sentence(spec.summary)}\n\n${spec.details}`,
  );
  if (spec.alias !== undefined) command.alias(spec.alias);
  if (spec.group !== undefined) command.helpGroup(spec.group);
  for (const item of spec.arguments ?? []) command.addArgument(argument(item));
  for (const item of spec.options ?? []) command.addOption(option(item));
  if (spec.future) command.allowUnknownOption().allowExcessArguments().helpOption(false);
  else if (!spec.plain && !spec.commands) command.option('--json', 'write one JSON document to stdout');
  if (spec.examples !== undefined) command.addHelpText('after', examples(spec.examples));
  for (const sub of spec.commands ?? []) addCommand(command, sub, onFound);
  if (spec.run === undefined && !spec.future) return;
  command.action((...given: unknown[]) => {
    const flags = given.at(-2) as Flags;
    onFound({ spec, args: given.slice(0, -2) as Invocation['args'], flags });
  });
}

function argument({ name, summary, choices }: ArgumentSpec): Argument {
  const made = new Argument(name, summary);
  return choices === undefined ? made : made.choices([...choices]);
}

function argumentTerm(item: Argument): string {
  const name = item.variadic ? `${item.name()}...` : item.name();
  return item.required ? `<${name}>` : `[${name}]`;
}

function option({ flags, summary, choices, many, number, future }: OptionSpec): Option {
  const made = new Option(flags, summary);
  if (choices !== undefined) made.choices([...choices]);
  if (many) made.argParser((text: string, before: readonly string[] = []) => [...before, ...names(text)]);
  if (number) made.argParser(wholeNumber);
  if (future) made.hideHelp();
  return made;
}

function names(text: string): readonly string[] {
  const found = text.split(',').map((name) => name.trim());
  if (found.some((name) => name === '')) throw new InvalidArgumentError('A name is empty.');
  return found;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(text);
}

function examples(lines: NonNullable<CommandSpec['examples']>): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, what]) => `  ${command.padEnd(width)}   ${what}`).join('\n')}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
