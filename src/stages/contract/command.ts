import type { Provider } from './provider.ts';
import type { Requirements } from './requirements.ts';
import type { CommandTarget } from './target.ts';

/**
 * One part of an argv or an environment value: literal text, or a place that only the runtime knows.
 * `source` is the root of the stage's input view, `out` the folder for its outputs, `tmp` a private scratch folder,
 * `asset` a file or folder that ships with secplan, `artifact` the file (of a tree: the folder) of a consumed artifact.
 * `endpoint` is the base URL of an http target as the stage reaches it, without a slash at its end.
 * `sub` is appended with `/`; `prefix` is put before the path, as in `--output=`.
 */
export type ArgvPart =
  | string
  | {
      readonly at: 'source' | 'out' | 'tmp' | 'endpoint';
      readonly sub?: string;
      readonly prefix?: string;
    }
  | {
      readonly at: 'asset' | 'artifact';
      readonly name: string;
      readonly sub?: string;
      readonly prefix?: string;
    }
  /** Every file of the input set, spliced in as paths below `source`. For tools that do not walk folders. */
  | { readonly at: 'files' }
  /** The tool's own executable, where a program of the system (`Step.system`) starts it, as `timeout` does. */
  | { readonly at: 'tool' };

/** `clean` and `findings` must agree with the report; `ok` means success with or without findings. Undeclared codes are failures. */
export type ExitMeaning = 'clean' | 'findings' | 'ok';

/** One process of a stage. Steps run one after the other in one sandbox; the first failure ends the stage. */
export interface Step {
  /** Unique within the stage; names its log. */
  readonly id: string;
  /** The first part is the provider's executable name, resolved by the runtime; never a shell. */
  readonly argv: readonly ArgvPart[];
  /**
   * The image's own entry point stands before `argv`, which then names no program; where `argv` is empty the image's
   * default arguments follow. Only for providers of kind `image`.
   */
  readonly entrypoint?: true;
  /** The first part is a program of the system (in /usr/bin) or, with a slash, of the source tree: a build that the manifest names. */
  readonly system?: true;
  readonly env?: Readonly<Record<string, ArgvPart>>;
  /** Name of the output that standard output (error) is; otherwise it goes to the log. */
  readonly stdout?: string;
  readonly stderr?: string;
  /** Keys are decimal exit codes. */
  readonly exits: Readonly<Record<string, ExitMeaning>>;
}

export interface CommandContext<Options> {
  readonly options: Options;
  readonly provider: Provider;
  /** Extra arguments from the manifest's `tools.<id>.args`; the stage says where they go. */
  readonly args: readonly string[];
  readonly target: CommandTarget;
  /** Names of the consumed artifacts that the plan has a producer for. */
  readonly artifacts: ReadonlySet<string>;
}

/** What planning needs of a scanner besides its data; pure. A `command.ts` reaches no zod and nothing that reads reports. */
export interface StageCommand<Options = never> {
  /** Same input, same steps. */
  steps(context: CommandContext<Options>): readonly Step[];
  /** What network a stage of this target needs; absent: `requires.network`. The manifest's own setting wins. */
  network?(target: CommandTarget): NonNullable<Requirements['network']>;
  /** Of `requires.consumes`, the names that these options make use of; absent: all. */
  consumes?(options: Options): readonly string[];
  /** What these options leave unchecked, for the verdict's list. */
  notChecked?(options: Options): readonly string[];
}
