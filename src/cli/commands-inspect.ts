import { CATEGORIES } from '../core/category.ts';
import { SEVERITIES } from '../core/severity.ts';
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
    name: 'findings',
    group,
    summary: 'list the findings of a bundle, by risk',
    arguments: [{ name: '[bundle]', summary: 'bundle; default: the latest', completes: 'folder' }],
    options: [
      { flags: '--severity <level>', summary: 'from this severity up', choices: SEVERITIES },
      {
        flags: '--tool <tool>',
        summary: 'of these scanners; comma-separated',
        many: true,
        completes: 'tool',
      },
      { flags: '--rule <id>', summary: 'of this rule' },
      { flags: '--path <path>', summary: 'in this file or folder, or in files that match a glob' },
      { flags: '--category <name>', summary: 'of this category', choices: CATEGORIES },
      { flags: '--state <state>', summary: 'as the gate saw them', choices: ['new', 'known', 'waived'] },
      EXPORT_DIR_OPTION,
    ],
    examples: [
      ['secplan findings --severity high', 'critical and high findings of the latest bundle'],
      ['secplan findings --path src --state new', 'what is new below src'],
    ],
    run: async (console, args, flags) =>
      (await import('./commands/findings.ts')).findings(console, args[0], flags),
  },
  {
    name: 'explain',
    group,
    summary: 'explain a code, a finding, a rule or a tool',
    arguments: [
      {
        name: '<what>',
        summary: 'a code (SP2001, timeout), at least 6 characters of a fingerprint, a rule (B602), or a tool',
        completes: 'tool',
      },
    ],
    options: [
      {
        flags: '--bundle <dir>',
        summary: 'bundle with the finding; default: the latest',
        completes: 'folder',
      },
      { flags: '--why-here', summary: 'show what puts a finding at its place in lists' },
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
    arguments: [{ name: '[name]', summary: 'its name, or the id in a document; default: list the names' }],
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
