import type { Console } from './console.ts';

/** What the parser found: by the option's name in camel case. */
export type Flags = Readonly<Record<string, unknown>>;

export interface OptionSpec {
  /** As commander writes it: `-o, --output <file>`. */
  readonly flags: string;
  readonly summary: string;
  readonly choices?: readonly string[];
  /** May be given several times, and takes comma-separated names. */
  readonly many?: boolean;
  /** A whole number. */
  readonly number?: boolean;
  /** What completes its value. */
  readonly completes?: 'tool' | 'profile' | 'file' | 'folder';
  /** In the contract and not in this version: hidden, and refused when used. */
  readonly future?: boolean;
}

export interface ArgumentSpec {
  /** As commander writes it: `<tool>`, `[manifest]`, `[tools...]`. */
  readonly name: string;
  readonly summary: string;
  readonly choices?: readonly string[];
  readonly completes?: 'tool' | 'profile' | 'file' | 'folder';
}

/** A command as data: the parser, the help, and the completion scripts are made from it. */
export interface CommandSpec {
  readonly name: string;
  /** A second name that people type. */
  readonly alias?: string;
  /** One line, without a full stop. */
  readonly summary: string;
  readonly group?: string;
  readonly details?: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  /** Command lines with what they do. */
  readonly examples?: readonly (readonly [command: string, what: string])[];
  /** Without `--json`, because its output is no data. */
  readonly plain?: boolean;
  readonly commands?: readonly CommandSpec[];
  /** Part of the contract and not of this version. */
  readonly future?: boolean;
  /** Loads the implementation and runs it; gives the exit code. */
  readonly run?: (
    console: Console,
    args: readonly (string | readonly string[] | undefined)[],
    flags: Flags,
    /** The whole table, for commands about commands. */
    table: readonly CommandSpec[],
  ) => Promise<number>;
}
