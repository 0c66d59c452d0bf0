import { BUILT_IN_PROFILES } from '../../compiler/names/profiles.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import type { ArgumentSpec, CommandSpec, OptionSpec } from './command-spec.ts';

/** What can follow a flag or stand as an argument: words, or files or folders of the shell. */
export interface Values {
  readonly words: readonly string[];
  readonly files: boolean;
  readonly folders: boolean;
}

/** One command as completion sees it. `path` is `tools install`, empty for the program itself. */
export interface CompletedCommand {
  readonly path: string;
  readonly summary: string;
  readonly subcommands: readonly { readonly name: string; readonly summary: string }[];
  readonly flags: readonly {
    readonly names: readonly string[];
    readonly summary: string;
    /** Undefined for a switch. */
    readonly value: Values | undefined;
  }[];
  readonly argument: Values;
}

/** The visible commands, the program itself first. */
export function completedCommands(specs: readonly CommandSpec[]): readonly CompletedCommand[] {
  const shown = specs.filter((spec) => !spec.future);
  const help = { names: ['-h', '--help'], summary: 'show help', value: undefined };
  const root: CompletedCommand = {
    path: '',
    summary: '',
    subcommands: [...shown, { name: 'help', summary: 'show help of a command' }].map(({ name, summary }) => ({
      name,
      summary,
    })),
    flags: [help, { names: ['-V', '--version'], summary: 'print the version', value: undefined }],
    argument: NOTHING,
  };
  const below = (spec: CommandSpec, prefix: string): readonly CompletedCommand[] => {
    const path = prefix === '' ? spec.name : `${prefix} ${spec.name}`;
    const json =
      spec.plain || spec.commands ? [] : [{ flags: '--json', summary: 'write one JSON document to stdout' }];
    const [argument] = spec.arguments?.slice(-1) ?? [];
    return [
      {
        path,
        summary: spec.summary,
        subcommands: (spec.commands ?? []).map(({ name, summary }) => ({ name, summary })),
        flags: [
          ...[...(spec.options ?? []), ...json]
            .filter((option: OptionSpec) => !option.future)
            .map((option: OptionSpec) => ({
              names: option.flags.split(/[ ,]+/).filter((word) => word.startsWith('-')),
              summary: option.summary,
              value: option.flags.includes('<') ? valuesOf(option) : undefined,
            })),
          help,
        ],
        argument: argument === undefined ? NOTHING : valuesOf(argument, spec.name === 'parse'),
      },
      ...(spec.commands ?? []).flatMap((sub) => below(sub, path)),
    ];
  };
  return [root, ...shown.flatMap((spec) => below(spec, ''))];
}

const NOTHING: Values = { words: [], files: false, folders: false };

function valuesOf({ choices, completes }: OptionSpec | ArgumentSpec, withTools = false): Values {
  const tools = completes === 'tool' || withTools ? [...catalogue.keys()] : [];
  const profiles = completes === 'profile' ? [...BUILT_IN_PROFILES.keys()] : [];
  return {
    words: [...(choices ?? []), ...tools, ...profiles],
    files: completes === 'file',
    folders: completes === 'folder',
  };
}
