import type { CommandSpec } from '../shared/command-spec.ts';
import { type CompletedCommand, completedCommands, type Values } from '../shared/completion-names.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';

/** `secplan completion bash|zsh|fish`: a script from the same table that the parser and the help are made from. */
export async function completion(
  console: Console,
  shell: unknown,
  table: readonly CommandSpec[],
): Promise<number> {
  const commands = completedCommands(table);
  console.raw(shell === 'bash' ? bash(commands) : shell === 'zsh' ? zsh(commands) : fish(commands));
  return EXIT.pass;
}

function bash(commands: readonly CompletedCommand[]): string {
  const cases = commands.flatMap(({ path, flags }) =>
    flags.flatMap(({ names, value }) =>
      value === undefined ? [] : names.map((name) => `    '${path}|${name}') ${bashReply(value)} ;;`),
    ),
  );
  const words = commands.map(({ path, subcommands, flags, argument }) => {
    const names = [...subcommands.map(({ name }) => name), ...argument.words];
    const files = argument.files || argument.folders ? ' files=1' : '';
    return `    '${path}') words='${names.join(' ')}' flags='${flags.flatMap((flag) => flag.names).join(' ')}'${files} ;;`;
  });
  const groups = commands.filter(({ path, subcommands }) => path !== '' && subcommands.length > 0);
  return `# Completion of secplan for bash.
_secplan() {
  local cur prev path word index words flags files
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD-1]}
  path='' words='' flags='' files=''
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case $word in -*) continue ;; esac
    case $path in
      '') path=$word ;;
      ${groups.map(({ path }) => path).join(' | ')}) path="$path $word" ;;
    esac
  done
  case "$path|$prev" in
${cases.join('\n')}
  esac
  case $path in
${words.join('\n')}
  esac
  case $cur in
    -*) mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$cur") ;;
    *)
      mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
      if [ -n "$files" ]; then mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur"); fi
      ;;
  esac
}
complete -o filenames -F _secplan secplan
`;
}

function bashReply({ words, files, folders }: Values): string {
  const reply = folders
    ? 'compgen -d -- "$cur"'
    : files
      ? 'compgen -f -- "$cur"'
      : `compgen -W '${words.join(' ')}' -- "$cur"`;
  return `mapfile -t COMPREPLY < <(${reply}); return`;
}

function zsh(commands: readonly CompletedCommand[]): string {
  const functions = commands.filter(({ path }) => path !== '').map(zshFunction);
  const [root] = commands;
  return `#compdef secplan
# Completion of secplan for zsh.
${functions.join('\n')}
_secplan() {
${zshBody(root as CompletedCommand)}
}
if [ "\${funcstack[1]}" = _secplan ]; then _secplan "$@"; else compdef _secplan secplan; fi
`;
}

function zshFunction(command: CompletedCommand): string {
  return `${zshName(command.path)}() {\n${zshBody(command)}\n}`;
}

function zshBody({ path, subcommands, flags, argument }: CompletedCommand): string {
  const specs = flags.flatMap(({ names, summary, value }) =>
    names.map((name) => {
      const takes = value === undefined ? '' : `:value:${zshValues(value)}`;
      return `'${name}[${zshText(summary)}]${takes}'`;
    }),
  );
  if (subcommands.length === 0) {
    return `  _arguments ${[...specs, `'*:argument:${zshValues(argument)}'`].join(' ')}`;
  }
  const names = subcommands.map(({ name, summary }) => `'${name}:${zshText(summary)}'`).join(' ');
  const calls = subcommands
    .filter(({ name }) => name !== 'help')
    .map(({ name }) => `        ${name}) ${zshName(path === '' ? name : `${path} ${name}`)} ;;`);
  return `  local context state state_descr line
  local -A opt_args
  _arguments -C ${specs.join(' ')} '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a names
      names=(${names})
      _describe command names
      ;;
    argument)
      case $line[1] in
${calls.join('\n')}
      esac
      ;;
  esac`;
}

function zshName(path: string): string {
  return `_secplan_${path.replaceAll(/[^a-z]+/g, '_')}`;
}

function zshValues({ words, files, folders }: Values): string {
  if (folders) return '_files -/';
  if (files) return '_files';
  return words.length > 0 ? `(${words.join(' ')})` : ' ';
}

/** Quotes, brackets and colons have a meaning in these specifications. */
function zshText(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, (char) => `\\${char}`);
}

function fish(commands: readonly CompletedCommand[]): string {
  const groups = commands.filter(({ path, subcommands }) => path !== '' && subcommands.length > 0);
  const lines = commands.flatMap(({ path, subcommands, flags, argument }) => {
    const on = `-n '__secplan_at "${path}"'`;
    return [
      ...subcommands.map(
        ({ name, summary }) => `complete -c secplan -f ${on} -a ${name} -d ${fishText(summary)}`,
      ),
      ...(argument.words.length > 0
        ? [`complete -c secplan -f ${on} -a ${fishText(argument.words.join(' '))}`]
        : []),
      ...(argument.files || argument.folders ? [`complete -c secplan -F ${on}`] : []),
      ...flags.map(({ names, summary, value }) => {
        const short = names.filter((name) => !name.startsWith('--')).map((name) => ` -s ${name.slice(1)}`);
        const long = names.filter((name) => name.startsWith('--')).map((name) => ` -l ${name.slice(2)}`);
        return `complete -c secplan ${on}${short.join('')}${long.join('')}${fishValue(value)} -d ${fishText(summary)}`;
      }),
    ];
  });
  return `# Completion of secplan for fish.
function __secplan_at
  set -l path
  set -l tokens (commandline -opc)
  for word in $tokens[2..-1]
    string match -q -- '-*' $word; and continue
    if test -z "$path"
      set path $word
    else if contains -- "$path" ${groups.map(({ path }) => path).join(' ')}
      set path "$path $word"
    end
  end
  test "$path" = "$argv[1]"
end
complete -c secplan -f
${lines.join('\n')}
`;
}

function fishValue(value: Values | undefined): string {
  if (value === undefined) return '';
  if (value.files || value.folders) return ' -r -F';
  return value.words.length > 0 ? ` -x -a ${fishText(value.words.join(' '))}` : ' -x';
}

function fishText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
