import type { CommandSpec, OptionSpec } from './shared/command-spec.ts';
import {
  CHOICE_OPTIONS,
  DETAIL_OPTIONS,
  EXPORT_DIR_OPTION,
  MANIFEST_OPTIONS,
  POLICY_OPTION,
  PROFILE_OPTION,
  RUNTIME_OPTION,
  STACK_OPTIONS,
  TRUST_OPTION,
} from './shared/option-groups.ts';

const group = 'Scan:';

const GOLDEN_OPTIONS: readonly OptionSpec[] = [
  { flags: '--bundle <dir>', summary: 'bundle; default: the latest', completes: 'folder' },
  EXPORT_DIR_OPTION,
  { flags: '--dir <dir>', summary: 'folder of goldens; default: golden', completes: 'folder' },
];

const BASELINE_OPTIONS: readonly OptionSpec[] = [
  {
    flags: '-o, --output <file>',
    summary: "the baseline; default: the manifest's, else secplan.baseline.json beside it",
    completes: 'file',
  },
  EXPORT_DIR_OPTION,
];

/** From nothing to a verdict: init, compile, plan, run, check, baseline, golden. */
export const SCAN_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'init',
    group,
    summary: 'write a starter manifest',
    details: 'Detects the languages and files in this folder. Never overwrites a manifest.',
    options: [
      {
        flags: '--format <language>',
        summary: 'yaml (the default), json or cue',
        choices: ['yaml', 'json', 'cue'],
      },
      { flags: '--name <name>', summary: "the project's name; default: the folder's" },
    ],
    examples: [
      ['secplan init', 'write secplan.yaml here'],
      ['secplan init --format cue', 'write secplan.cue'],
    ],
    run: async (console, _args, flags) => (await import('./commands/init.ts')).init(console, flags),
  },
  {
    name: 'compile',
    group,
    summary: 'turn a manifest into a plan, as canonical JSON',
    details:
      'Equal manifest, profile, tools.lock.json and secplan version give the same bytes. Starts nothing.',
    arguments: [
      { name: '[manifest]', summary: 'manifest; default: the one that run would use', completes: 'file' },
    ],
    options: [
      { flags: '-o, --output <file>', summary: 'write to a file, atomically', completes: 'file' },
      PROFILE_OPTION,
      RUNTIME_OPTION,
      ...MANIFEST_OPTIONS,
      ...CHOICE_OPTIONS,
      POLICY_OPTION,
      ...STACK_OPTIONS,
    ],
    examples: [
      ['secplan compile', 'print the plan of the light profile'],
      ['secplan compile secplan.cue -p full -o plan.json', 'keep a plan, for `run --plan plan.json`'],
    ],
    run: async (console, args, flags) =>
      (await import('./commands/compile.ts')).compile(console, args[0], flags),
  },
  {
    name: 'plan',
    group,
    summary: 'show what a run would do, or the effect of a change',
    details: 'With --against, classifies each change: strengthening, neutral or weakening.',
    arguments: [
      { name: '[manifest]', summary: 'manifest; default: the one that run would use', completes: 'file' },
    ],
    options: [
      {
        flags: '--against <ref|file>',
        summary: 'compare with a plan file, or with the manifest at a git ref',
        completes: 'file',
      },
      {
        flags: '--format <format>',
        summary: 'output format; default: text',
        choices: ['text', 'json', 'markdown', 'dot', 'mermaid', 'svg'],
      },
      { flags: '--detailed-exitcode', summary: 'exit with code 8 if the plan changes' },
      {
        flags: '--fail-on <class>',
        summary: 'exit with code 1 if a change has this class',
        choices: ['weakening'],
      },
      PROFILE_OPTION,
      RUNTIME_OPTION,
      ...MANIFEST_OPTIONS,
      ...CHOICE_OPTIONS,
      POLICY_OPTION,
      ...STACK_OPTIONS,
    ],
    examples: [
      ['secplan plan', 'the stages of the light profile'],
      ['secplan plan --against main --fail-on weakening', 'guard a pull request'],
      ['secplan plan --format mermaid', 'a graph for a README'],
    ],
    run: async (console, args, flags) => (await import('./commands/plan.ts')).plan(console, args[0], flags),
  },
  {
    name: 'run',
    group,
    alias: 'scan',
    summary: 'scan, compare the findings with the budgets, write a bundle',
    arguments: [
      { name: '[folder]', summary: "folder to scan; default: the manifest's", completes: 'folder' },
    ],
    options: [
      PROFILE_OPTION,
      RUNTIME_OPTION,
      ...MANIFEST_OPTIONS,
      { flags: '--plan <file>', summary: 'apply exactly this plan', completes: 'file' },
      { flags: '--resume', summary: 'continue an unfinished run of the same plan' },
      ...CHOICE_OPTIONS,
      { flags: '--skip-privacy', summary: 'skip privacy scanners' },
      EXPORT_DIR_OPTION,
      { flags: '--bundle-id <id>', summary: "the bundle's name; default: time and git commit" },
      POLICY_OPTION,
      ...STACK_OPTIONS,
      { flags: '--fail-fast', summary: 'start no more scanners once a budget is certainly exceeded' },
      { flags: '--enforce-sla', summary: "fail when the profile's time budget is exceeded" },
      { flags: '--offline', summary: 'no network access except to the stack' },
      { flags: '--locked', summary: 'refuse tools that tools.lock.json does not pin' },
      { flags: '--unsandboxed', summary: 'run scanners without a sandbox; the evidence records it' },
      { flags: '--timings', summary: 'print how long each stage took and why' },
      ...DETAIL_OPTIONS,
      { flags: '--privacy-assets <dir>', summary: "the operator's own privacy pack", future: true },
      { flags: '--changed-since <ref>', summary: 'count only findings that are new since a git ref' },
      { flags: '--trusted <ref>', summary: 'take policy, grants and custom tools from a git ref' },
      TRUST_OPTION,
      { flags: '--shard <i/n>', summary: 'run one part of a plan', future: true },
      {
        flags: '--databases <dir>',
        summary: 'folder of pre-fetched databases, one subfolder per database id',
      },
    ],
    examples: [
      ['secplan run', 'the light profile'],
      ['secplan run ../other-project', 'another folder'],
      ['secplan run -p standard --timings', 'more scanners, with timings'],
      ['secplan run --only bandit,ruff', 'two scanners; the verdict is marked partial'],
      ['secplan run --plan plan.json --json', 'a plan from `compile`, results for a program'],
    ],
    run: async (console, args, flags) => (await import('./commands/run.ts')).run(console, args[0], flags),
  },
  {
    name: 'trust',
    group,
    summary: 'trust what a workspace decides: secrets, network access, programs, pins',
    details:
      'Shows what the manifest, its programs and tools.lock.json decide, and notes that you trust exactly this. Any change asks again.',
    arguments: [
      { name: '[path]', summary: "workspace; default: the manifest's folder", completes: 'folder' },
    ],
    options: [
      { flags: '-m, --manifest <file>', summary: 'manifest to trust', completes: 'file' },
      { flags: '--plan <file>', summary: 'trust a plan file instead', completes: 'file' },
      { flags: '--list', summary: 'list the workspaces that you trust' },
      { flags: '--revoke', summary: 'no longer trust the workspace' },
    ],
    examples: [
      ['secplan trust', 'after you have read the manifest and its scripts'],
      ['secplan trust --list', 'what is trusted'],
      ['secplan trust --revoke ../other', 'take it back'],
    ],
    run: async (console, args, flags) => (await import('./commands/trust.ts')).trust(console, args[0], flags),
  },
  {
    name: 'check',
    group,
    summary: 'compute the verdict of a bundle again, without scanning',
    arguments: [{ name: '[bundle]', summary: 'bundle; default: the latest', completes: 'folder' }],
    options: [
      {
        flags: '--at <date>',
        summary: 'apply waivers and VEX as of this day (YYYY-MM-DD) and show what changes',
      },
      ...DETAIL_OPTIONS,
      POLICY_OPTION,
      EXPORT_DIR_OPTION,
    ],
    examples: [
      ['secplan check', 'the verdict on the latest bundle'],
      ['secplan check --at 2027-02-01', 'which waivers will have expired by then?'],
      ['secplan check --policy strict.yaml', 'would it pass other budgets?'],
    ],
    run: async (console, args, flags) => (await import('./commands/check.ts')).check(console, args[0], flags),
  },
  {
    name: 'baseline',
    group,
    summary: 'record which findings are already known',
    commands: [
      {
        name: 'create',
        summary: 'record every finding of a bundle as known',
        arguments: [{ name: '[bundle]', summary: 'bundle; default: the latest', completes: 'folder' }],
        options: [...BASELINE_OPTIONS, { flags: '--force', summary: 'overwrite an existing baseline' }],
        examples: [['secplan baseline create', 'from the latest bundle']],
        run: async (console, args, flags) =>
          (await import('./commands/baseline.ts')).baseline(console, 'create', args[0], flags),
      },
      {
        name: 'prune',
        summary: 'remove entries that are no longer found; adds nothing',
        arguments: [{ name: '[bundle]', summary: 'bundle; default: the latest', completes: 'folder' }],
        options: BASELINE_OPTIONS,
        examples: [['secplan baseline prune', 'by the latest bundle']],
        run: async (console, args, flags) =>
          (await import('./commands/baseline.ts')).baseline(console, 'prune', args[0], flags),
      },
    ],
  },
  {
    name: 'golden',
    group,
    summary: 'compare bundles with recorded ones',
    commands: [
      {
        name: 'check',
        summary: 'compare a bundle with its golden; never scans',
        arguments: [{ name: '[name]', summary: "golden; default: the bundle's profile" }],
        options: GOLDEN_OPTIONS,
        examples: [['secplan golden check', 'exit code 5 if something differs']],
        run: async (console, args, flags) =>
          (await import('./commands/golden.ts')).golden(console, 'check', args[0], flags),
      },
      {
        name: 'update',
        summary: 'record a bundle as golden; never scans',
        arguments: [{ name: '[name]', summary: "golden; default: the bundle's profile" }],
        options: GOLDEN_OPTIONS,
        examples: [['secplan golden update', 'record the latest bundle']],
        run: async (console, args, flags) =>
          (await import('./commands/golden.ts')).golden(console, 'update', args[0], flags),
      },
    ],
  },
];
