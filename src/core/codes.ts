import { type CodeEntry, type DiagnosticLevel, entry } from './code-entry.ts';
import { CACHE_CODES } from './codes-cache.ts';
import { DELIVERY_CODES } from './codes-delivery.ts';
import { EVIDENCE_CODES } from './codes-evidence.ts';
import { POLICY_CODES } from './codes-policy.ts';

export type { DiagnosticLevel };

/**
 * Every diagnostic that secplan can report. Codes are stable: one is never given a new meaning.
 * SP1xxx reading, SP2xxx manifest, SP3xxx planning, SP4xxx toolchain, SP5xxx running, SP6xxx evidence, SP9xxx usage.
 */
export const CODES = {
  SP1001: entry(
    'error',
    'manifest not found',
    'No manifest is at the place named, or none lies between the working folder and the git root. Run `secplan init` to write one.',
  ),
  SP1002: entry(
    'error',
    'two manifests in one folder',
    'A folder holds more than one of secplan.cue, secplan.yaml, secplan.yml and secplan.json. Keep one, or name it with --manifest.',
  ),
  SP1003: entry('error', 'manifest too large', 'A manifest holds at most 5 MB.'),
  SP1004: entry('error', 'manifest nested too deep', 'A manifest nests at most 64 levels.'),
  SP1005: entry('error', 'too many YAML aliases', 'A YAML manifest may resolve at most 100 aliases.'),
  SP1006: entry(
    'error',
    'syntax error',
    "The file is not well-formed JSON, YAML or CUE. The message is the parser's own.",
  ),
  SP1007: entry(
    'error',
    'duplicate key',
    'The same key stands twice in one mapping; only one of them could be meant.',
  ),
  SP1008: entry(
    'error',
    'CUE evaluation failed',
    'The CUE manifest does not evaluate to concrete JSON. Every error that CUE reports is listed.',
  ),
  SP1009: entry(
    'error',
    'CUE evaluation stopped',
    'CUE evaluation passed its limit of 10 s or 512 MB and was stopped.',
  ),
  SP1011: entry(
    'note',
    'no manifest',
    'No manifest was found, so the built-in one is used: the whole workspace, every scanner of the profile. `secplan init` writes one to start from.',
  ),
  SP1010: entry(
    'error',
    'manifest unreadable',
    'The file cannot be read, is not a regular file, or is not valid UTF-8.',
  ),
  SP2001: entry('error', 'unknown key', "The key is not part of the manifest's schema at this place."),
  SP2002: entry('error', 'wrong type', 'The value has another type than the schema asks for.'),
  SP2003: entry('error', 'missing key', 'A key that the schema requires is not there.'),
  SP2004: entry('error', 'value not allowed', 'The value is not one of those that the schema allows.'),
  SP2005: entry(
    'error',
    'value out of range or of the wrong form',
    'The value breaks a bound or a pattern of the schema.',
  ),
  SP2006: entry(
    'error',
    'unknown tool',
    'No scanner and no custom stage has this id. `secplan tools list` prints all ids.',
  ),
  SP2007: entry('error', 'unknown profile', "No built-in profile and none of the manifest's has this name."),
  SP2008: entry('error', 'unknown target', 'No target of this kind has this name.'),
  SP2009: entry(
    'error',
    'tool enabled and disabled on one level',
    'The same tool stands in `enable` and `disable` of one profile, or is enabled twice with different meaning.',
  ),
  SP2010: entry('error', 'profile extends itself', 'The chain of `extends` comes back to where it began.'),
  SP2011: entry(
    'error',
    'path leaves the workspace',
    'A path of the manifest points outside the workspace, directly or through a symbolic link.',
  ),
  SP2012: entry('error', 'path not found', 'A path of the manifest does not exist in the workspace.'),
  SP2013: entry('error', 'unknown secret', 'A secret is used that `secrets` does not declare.'),
  SP2014: entry(
    'error',
    'secret not to be had',
    'The environment variable, file or dotenv entry that a secret names is not there.',
  ),
  SP2015: entry(
    'error',
    'literal secret',
    'A secret is written into the manifest. Name where it comes from: env:NAME, file:PATH or dotenv:NAME.',
  ),
  SP2016: entry('error', 'duplicate name', 'Two entries of one list have the same name.'),
  SP2017: entry(
    'error',
    'waiver without a valid expiry',
    'A waiver needs a day as YYYY-MM-DD on which it expires.',
  ),
  SP2018: entry('error', 'stack required', 'The profile needs a stack and the manifest has none.'),
  SP2019: entry('error', 'unsupported apiVersion', 'This secplan reads apiVersion secplan/v1.'),
  SP2020: entry(
    'error',
    'not yet supported',
    'The manifest asks for something that this version of secplan cannot do. It says so instead of leaving it out.',
  ),
  SP2040: entry(
    'error',
    'unknown service',
    "A `dependsOn` or an HTTP target names a service that the manifest's stack does not hold.",
  ),
  SP2041: entry(
    'error',
    'services depend on each other',
    'The chain of `dependsOn` comes back to where it began, so none of them could start first.',
  ),
  SP2042: entry(
    'error',
    'service without a port',
    'A service that is asked over HTTP, by its health check or by an HTTP target, must name a port in `ports`.',
  ),
  SP2043: entry(
    'error',
    'value not understood',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the manifest's own notation
    'An environment value of a service may refer to a declared secret as ${NAME} or, alone, as secret:NAME; in a Compose file also as $NAME or ${NAME:-default}. Only environment values may: a secret in a command line would be seen by every process.',
  ),
  SP2044: entry(
    'error',
    'Compose file not usable',
    'The Compose file has another form than the Compose specification gives it, or asks for something that a stack of secplan never does. docs/reference/stack.md lists the keys that are read.',
  ),
  SP2045: entry(
    'warning',
    'Compose key without effect',
    'The key is part of Compose and secplan does not use it: the service runs without it. docs/reference/stack.md lists the keys that are read.',
  ),
  SP3001: entry('error', 'cycle in the stage graph', 'The stages named need each other. Remove one `needs`.'),
  SP3002: entry(
    'error',
    'missing producer',
    'A stage consumes an artifact that no stage of the plan produces.',
  ),
  SP3003: entry('error', 'duplicate stage', 'Two stages have the same id.'),
  SP3004: entry(
    'error',
    'no provider for the runtime',
    'A tool that the manifest names cannot run on the chosen runtime.',
  ),
  SP3005: entry('error', 'unknown stage', 'A `needs` names a stage that the plan does not hold.'),
  SP3006: entry(
    'error',
    'plan file does not verify',
    "The plan's digest is not that of its content, or it was made by another version of secplan.",
  ),
  SP3007: entry('error', 'nothing to run', 'Every scanner of the profile is disabled, skipped or excluded.'),
  SP3008: entry(
    'warning',
    'unpinned tool',
    'The tool is not pinned by tools.lock.json. Under --locked this is an error.',
  ),
  SP3009: entry(
    'warning',
    'third-party package',
    'The tool comes from a package that its own project does not publish; the manifest opted in by name.',
  ),
  SP3080: entry(
    'error',
    'secret stands in the plan',
    'The value of a declared secret, or a spelling of it, stands in the plan or the manifest. A bundle publishes its plan: redacted it would no longer be the plan that ran, as it is it would give the secret away. Nothing was started.',
  ),
  SP3081: entry(
    'error',
    'secret cannot be redacted',
    'A declared secret is so short, or so common a word, that taking it out of reports would take digests, times and the documents themselves apart: fewer than 4 characters, fewer than 8 of only digits or hexadecimal, or a name that documents are made of. Nothing was started.',
  ),
  SP3082: entry(
    'warning',
    'keyless without a transparency log',
    'A keyless signature is made with a certificate of some minutes. Without an entry in a transparency log nothing says that it was signed in them: neither `secplan verify` nor cosign accepts such a bundle.',
  ),
  SP4001: entry(
    'error',
    'lock file unusable',
    'tools.lock.json is not valid. Write it again with `secplan tools lock`.',
  ),
  SP4002: entry('error', 'tool not locked', 'Under --locked every tool must be pinned by tools.lock.json.'),
  SP4003: entry('error', 'install failed', 'The tool could not be installed. Its stage is incomplete.'),
  SP4004: entry(
    'error',
    'hash mismatch',
    'What was downloaded is not what tools.lock.json pins. Nothing of it was kept.',
  ),
  SP4005: entry(
    'error',
    'offline',
    'The tool is not installed and --offline forbids fetching it. `secplan tools install` beforehand.',
  ),
  SP4006: entry(
    'error',
    'installer missing',
    'The program that installs this kind of package is not on PATH.',
  ),
  SP4007: entry(
    'error',
    'tool found inside the scanned tree',
    'A binary that PATH finds inside the workspace is never started.',
  ),
  SP5001: entry(
    'error',
    'no working sandbox',
    'bubblewrap is missing or cannot create namespaces here. Install it, allow user namespaces, or pass --unsandboxed, which the evidence records.',
  ),
  SP5002: entry(
    'error',
    'disk full',
    'The export folder or the cache has no space left. Nothing half-written was kept.',
  ),
  SP5003: entry('error', 'export folder unusable', 'The export folder cannot be created or written.'),
  SP5004: entry(
    'warning',
    'special file skipped',
    'A FIFO, socket, device or unreadable file lies in the workspace and was not read.',
  ),
  SP5005: entry(
    'warning',
    'file too large',
    'A file over the size limit was left out of scanning and is listed in coverage.',
  ),
  SP5006: entry('error', 'nothing to resume', 'No unfinished run of this plan is in the export folder.'),
  SP5007: entry('error', 'cache unusable', 'The cache folder cannot be created or written.'),
  SP5008: entry(
    'warning',
    'cache entry damaged',
    'A cache entry did not match its digest and was dropped; the stage runs again.',
  ),
  SP5009: entry(
    'warning',
    'memory limit by polling only',
    "No delegated cgroup v2 is at hand: memory is limited by watching the process group's RSS.",
  ),
  SP5010: entry(
    'warning',
    'git not usable',
    'The workspace is a git repository that git could not list. All its files are scanned, ignored ones too.',
  ),
  SP5100: entry(
    'error',
    'no Dagger engine',
    'Stages were to run on a Dagger engine, and none could be reached. The environment names one (_EXPERIMENTAL_DAGGER_RUNNER_HOST, DAGGER_SESSION_PORT), or the manifest does (runtime.engine); the dagger command line must be on PATH.',
  ),
  SP5101: entry(
    'warning',
    'image not pinned',
    'An image is named by a tag, which may mean another image tomorrow: its results are not cached. `secplan tools lock` pins it; under --locked it is an error.',
  ),
  SP5102: entry(
    'error',
    'Dagger SDK not installed',
    'The dagger runtime needs the npm package @dagger.io/dagger, which secplan does not bring along. Install it where secplan is installed: `npm install @dagger.io/dagger`, with -g if secplan was installed with -g. The local runtime does not need it.',
  ),
  SP5120: entry(
    'warning',
    'network not restricted',
    'A stage that may reach some hosts runs without a sandbox, so it can reach all that this machine can. Run it without --unsandboxed.',
  ),
  SP5121: entry(
    'error',
    'no private network',
    'The sandbox works, but no network namespace with only the allowed hosts could be made, so stages that need one did not start. nsenter (util-linux) is needed and, to stand for addresses of other machines, ip (iproute2); the message says which step failed.',
  ),
  SP5130: entry(
    'error',
    'stack not usable',
    'A service of the stack did not become healthy in its time, ended by itself, or could not be started. Its log is in the bundle under logs/. Scanners that need it are incomplete and the exit code is 3: never a failure of the policy.',
  ),
  SP5131: entry(
    'note',
    'stack runs on the host',
    'Services of the stack run as processes of this machine and listen on its own loopback address: what else runs here can reach them.',
  ),
  SP5132: entry(
    'warning',
    'service not started',
    'The runtime cannot start this service, for example an image on the local runtime, which has no containers. Scanners that need it are incomplete. Give it a `command` (in a Compose file `x-secplan: {command: [...]}`), or use --runtime dagger.',
  ),
  ...CACHE_CODES,
  ...EVIDENCE_CODES,
  ...DELIVERY_CODES,
  SP9001: entry('error', 'usage', 'The command line is not understood.'),
  SP9002: entry('error', 'not built yet', 'This command is part of the contract but not of this version.'),
  ...POLICY_CODES,
} as const satisfies Record<string, CodeEntry>;

export type DiagnosticCode = keyof typeof CODES;
