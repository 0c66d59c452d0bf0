import { SEVERITIES } from '../../core/severity.ts';
import type { OptionSpec } from './command-spec.ts';

/** Where the manifest and its workspace are. */
export const MANIFEST_OPTIONS: readonly OptionSpec[] = [
  {
    flags: '-m, --manifest <file>',
    summary: 'manifest; default: secplan.cue, .yaml, .yml or .json here or above, up to the git root',
    completes: 'file',
  },
  {
    flags: '-w, --workspace <dir>',
    summary: "folder to scan; default: the manifest's",
    completes: 'folder',
  },
];

export const PROFILE_OPTION: OptionSpec = {
  flags: '-p, --profile <name>',
  summary:
    'profile: smoke, fast, medium, light, standard, full, heavy, or one of the manifest; default: light',
  completes: 'profile',
};

/** What is left in or out of a plan. */
export const CHOICE_OPTIONS: readonly OptionSpec[] = [
  {
    flags: '--only <tool>',
    summary: 'run only these tools; comma-separated',
    many: true,
    completes: 'tool',
  },
  {
    flags: '--skip <tool>',
    summary: 'skip these tools; comma-separated',
    many: true,
    completes: 'tool',
  },
];

export const RUNTIME_OPTION: OptionSpec = {
  flags: '--runtime <name>',
  summary: "where scanners run; default: the manifest's, else local",
  choices: ['local', 'dagger', 'managed'],
};

export const POLICY_OPTION: OptionSpec = {
  flags: '--policy <file>',
  summary: "policy file (JSON or YAML) that replaces the manifest's policy",
  completes: 'file',
};

/** What stands behind dynamic scanners. */
export const STACK_OPTIONS: readonly OptionSpec[] = [
  { flags: '--stack-base-url <url>', summary: 'base URL of a running stack; secplan starts none' },
  { flags: '--requires-stack', summary: 'fail if the manifest has no stack' },
];

export const EXPORT_DIR_OPTION: OptionSpec = {
  flags: '--export-dir <dir>',
  summary: 'where bundles are written; default: build/security-results in the workspace',
  completes: 'folder',
};

/** How much a verdict shows above it. */
export const DETAIL_OPTIONS: readonly OptionSpec[] = [
  { flags: '-q, --quiet', summary: 'print only the verdict, and no progress' },
  { flags: '-v, --verbose', summary: 'print every list whole' },
  {
    flags: '--severity <level>',
    summary: 'list findings from this severity up; the verdict stays the same',
    choices: SEVERITIES,
  },
];

export const TRUST_OPTION: OptionSpec = {
  flags: '--trust-workspace',
  summary: 'trust what this checkout decides, as `secplan trust` does; not in a pull request',
};
