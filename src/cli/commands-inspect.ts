import type { CommandSpec } from './shared/command-spec.ts';
import { EXPORT_DIR_OPTION, MANIFEST_OPTIONS, PROFILE_OPTION } from './shared/option-groups.ts';

const group = 'Understand:';

/** What helps to understand a run: why, explain, parse, schema. */
export const INSPECT_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'why',
    group,
    summary: 'show why a stage would run again, or why it gave no result',
    arguments: [{ name: '<stage>', summary: 'stage of the plan, for example bandit', completes: 'tool' }],
    options: [PROFILE_OPTION, ...MANIFEST_OPTIONS],
    examples: [['secplan why bandit', 'which input changed since its last run']],
    run: async (console, args, flags) => (await import('./commands/why.ts')).why(console, args[0], flags),
  },
  {
    name: 'explain',
    group,
    summary: 'explain a code, a finding or a tool',
    arguments: [
      {
        name: '<what>',
        summary: 'a code (SP2001, timeout), at least 6 characters of a fingerprint, or a tool',
        completes: 'tool',
      },
    ],
    options: [
      {
        flags: '--bundle <dir>',
        summary: 'bundle with the finding; default: the latest',
        completes: 'folder',
      },
      EXPORT_DIR_OPTION,
    ],
    examples: [
      ['secplan explain SP2001', 'what an error means and how to fix it'],
      ['secplan explain 3f9a1c', 'a finding: its place, every tool that saw it, how to waive it'],
      ['secplan explain bandit', 'a scanner: what it reads, where it comes from'],
    ],
    run: async (console, args, flags) =>
      (await import('./commands/explain.ts')).explain(console, args[0], flags),
  },
  {
    name: 'parse',
    group,
    summary: 'parse a scanner report that was produced elsewhere',
    arguments: [
      { name: '<tool>', summary: 'scanner that wrote it', completes: 'tool' },
      { name: '<file>', summary: 'the report file, at most 256 MiB', completes: 'file' },
    ],
    examples: [['secplan parse bandit bandit.json --json', 'its findings as JSON']],
    run: async (console, args) => (await import('./commands/parse.ts')).parse(console, args[0], args[1]),
  },
  {
    name: 'schema',
    group,
    summary: 'print a JSON Schema',
    plain: true,
    arguments: [{ name: '[name]', summary: 'schema; default: list the names' }],
    examples: [['secplan schema manifest > manifest.schema.json', 'for an editor']],
    run: async (console, args) => (await import('./commands/schema.ts')).schema(console, args[0]),
  },
  {
    name: 'completion',
    group,
    summary: 'print a completion script for a shell',
    plain: true,
    arguments: [{ name: '<shell>', summary: 'bash, zsh or fish', choices: ['bash', 'zsh', 'fish'] }],
    examples: [
      ['. <(secplan completion bash)', 'in ~/.bashrc'],
      ['secplan completion fish > ~/.config/fish/completions/secplan.fish', 'once'],
    ],
    run: async (console, args, _flags, table) =>
      (await import('./commands/completion.ts')).completion(console, args[0], table),
  },
];
