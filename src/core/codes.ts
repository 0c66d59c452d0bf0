import { type CodeEntry, type DiagnosticLevel, entry } from './code-entry.ts';
import { CACHE_CODES } from './codes-cache.ts';
import { DAGGER_CODES } from './codes-dagger.ts';
import { DELIVERY_CODES } from './codes-delivery.ts';
import { EVIDENCE_CODES } from './codes-evidence.ts';
import { POLICY_CODES } from './codes-policy.ts';
import { TOOL_CODES } from './codes-tools.ts';

export type { DiagnosticLevel };

/**
 * Every diagnostic that secplan can report. Codes are stable: one is never given a new meaning.
 * SP1xxx reading, SP2xxx manifest, SP3xxx planning, SP4xxx toolchain, SP5xxx running, SP6xxx evidence, SP9xxx usage.
 */
export const CODES = {
  SP1001: entry(
    'error',
    'manifest not found',
    'There is no manifest at this path, or none between the working folder and the git root. Run `secplan init` to write one.',
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
    'The file is not well-formed JSON, YAML or CUE. The message comes from the parser.',
  ),
  SP1007: entry('error', 'duplicate key', 'The same key appears twice in one mapping. Remove one of them.'),
  SP1008: entry(
    'error',
    'CUE evaluation failed',
    'The CUE manifest does not evaluate to concrete JSON. Every error that CUE reports is listed.',
  ),
  SP1009: entry(
    'error',
    'CUE evaluation stopped',
    'CUE evaluation exceeded its limit of 10 s or 512 MB and was stopped.',
  ),
  SP1011: entry(
    'note',
    'no manifest',
    'No manifest was found, so secplan uses the built-in one: the whole workspace, every scanner of the profile. `secplan init` writes a starter manifest.',
  ),
  SP1010: entry(
    'error',
    'manifest unreadable',
    'The file cannot be read, is not a regular file, or is not valid UTF-8.',
  ),
  SP2001: entry('error', 'unknown key', "The key is not part of the manifest's schema at this place."),
  SP2002: entry('error', 'wrong type', 'The value has the wrong type for this key.'),
  SP2003: entry('error', 'missing key', 'A required key is missing.'),
  SP2004: entry('error', 'value not allowed', 'The value is not one of those that the schema allows.'),
  SP2005: entry(
    'error',
    'value out of range or malformed',
    'The value is outside the range or pattern that the schema allows.',
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
    'The same tool is in `enable` and `disable` of one profile, or is enabled twice with different settings.',
  ),
  SP2010: entry('error', 'profile extends itself', 'The chain of `extends` is a cycle.'),
  SP2011: entry(
    'error',
    'path leaves the workspace',
    'A path of the manifest points outside the workspace, directly or through a symbolic link.',
  ),
  SP2012: entry('error', 'path not found', 'A path of the manifest does not exist in the workspace.'),
  SP2013: entry('error', 'unknown secret', 'A secret is used that `secrets` does not declare.'),
  SP2014: entry(
    'error',
    'secret unavailable',
    'The environment variable, file or dotenv entry that the secret names does not exist.',
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
  SP2018: entry('error', 'stack required', 'The profile needs a stack, but the manifest has none.'),
  SP2019: entry('error', 'unsupported apiVersion', 'This secplan reads apiVersion secplan/v1.'),
  SP2020: entry(
    'error',
    'not yet supported',
    'The manifest uses a feature that this version of secplan does not support. secplan refuses it instead of ignoring it.',
  ),
  SP2040: entry(
    'error',
    'unknown service',
    "A `dependsOn` or an HTTP target names a service that is not in the manifest's stack.",
  ),
  SP2041: entry(
    'error',
    'services depend on each other',
    'The chain of `dependsOn` is a cycle, so no service can start first.',
  ),
  SP2042: entry(
    'error',
    'service without a port',
    'A service with an HTTP health check or an HTTP target must list a port in `ports`.',
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
    'The Compose file does not conform to the Compose specification, or uses something that secplan never does. docs/reference/stack.md lists the keys that are read.',
  ),
  SP2045: entry(
    'warning',
    'Compose key without effect',
    'The key is valid in Compose, but secplan ignores it: the service runs without it. docs/reference/stack.md lists the keys that are read.',
  ),
  SP3001: entry(
    'error',
    'cycle in the stage graph',
    'These stages depend on each other. Remove one `needs`.',
  ),
  SP3002: entry(
    'error',
    'missing producer',
    'A stage consumes an artifact that no stage in the plan produces.',
  ),
  SP3003: entry('error', 'duplicate stage', 'Two stages have the same id.'),
  SP3004: entry(
    'error',
    'no provider for the runtime',
    'A tool that the manifest names cannot run on the chosen runtime.',
  ),
  SP3005: entry('error', 'unknown stage', 'A `needs` names a stage that is not in the plan.'),
  SP3006: entry(
    'error',
    'plan file does not verify',
    "The plan's digest does not match its content, or another version of secplan compiled it.",
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
    'The tool comes from a package that its project does not publish. The manifest opted in to it by name.',
  ),
  SP3080: entry(
    'error',
    'secret value in the plan',
    'The plan or the manifest contains the value of a declared secret, possibly encoded. The bundle publishes the plan: redacted, it would no longer be the plan that ran; unredacted, it would leak the secret. No scanner was started.',
  ),
  SP3081: entry(
    'error',
    'secret cannot be redacted',
    'A declared secret is too short or too common a word to redact: redacting it would damage digests, times and document structure. Secrets need at least 4 characters, at least 8 if they are only digits or hexadecimal, and must not be a key of the documents. No scanner was started.',
  ),
  SP3082: entry(
    'warning',
    'keyless without a transparency log',
    'A keyless signature uses a certificate that is valid for minutes. Without a transparency log entry nothing proves that the signature was made in that time: neither `secplan verify` nor cosign accepts such a bundle.',
  ),
  SP5001: entry(
    'error',
    'no working sandbox',
    'bubblewrap is missing or cannot create namespaces on this machine. Install it, allow user namespaces, or pass --unsandboxed, which the evidence records.',
  ),
  SP5002: entry(
    'error',
    'disk full',
    'The export folder or the cache has no space left. Incomplete files were removed.',
  ),
  SP5003: entry('error', 'export folder unusable', 'The export folder cannot be created or written.'),
  SP5004: entry(
    'warning',
    'special file skipped',
    'The workspace contains a FIFO, socket, device or unreadable file. It was not read.',
  ),
  SP5005: entry(
    'warning',
    'file too large',
    'A file is larger than the size limit. It was not scanned and is listed in coverage.',
  ),
  SP5006: entry('error', 'nothing to resume', 'No unfinished run of this plan is in the export folder.'),
  SP5007: entry('error', 'cache unusable', 'The cache folder cannot be created or written.'),
  SP5008: entry(
    'warning',
    'cache entry damaged',
    'A cache entry did not match its digest and was removed; the stage runs again.',
  ),
  SP5009: entry(
    'warning',
    'memory limit by polling only',
    'No delegated cgroup v2: secplan enforces memory limits by polling the memory of the process group.',
  ),
  SP5010: entry(
    'warning',
    'git not usable',
    'git could not list the files of the workspace. All files are scanned, including ignored ones.',
  ),
  ...DAGGER_CODES,
  SP5120: entry(
    'warning',
    'network not restricted',
    'A stage with network access runs without a sandbox, so it can reach every host that this machine can reach. Run without --unsandboxed.',
  ),
  SP5121: entry(
    'error',
    'no private network',
    'The sandbox works, but secplan could not create a network namespace that is limited to the allowed hosts, so stages that need one did not start. Install nsenter (util-linux) and, for stages that reach other machines by address, ip (iproute2). The message names the step that failed.',
  ),
  SP5130: entry(
    'error',
    'stack not usable',
    'A service of the stack did not become healthy in its time, ended by itself, or could not be started. Its log is in the bundle under logs/. Scanners that need it are incomplete and the exit code is 3; this never counts as a policy failure.',
  ),
  SP5131: entry(
    'note',
    'stack runs on the host',
    'Services of the stack run as processes of this machine and listen on its loopback address: other programs on this machine can reach them.',
  ),
  SP5132: entry(
    'warning',
    'service not started',
    'The runtime cannot start this service, for example an image on the local runtime, which has no containers. Scanners that need it are incomplete. Give it a `command` (in a Compose file `x-secplan: {command: [...]}`), or use --runtime dagger.',
  ),
  ...CACHE_CODES,
  ...EVIDENCE_CODES,
  ...DELIVERY_CODES,
  SP9001: entry('error', 'usage', 'secplan does not understand the command line.'),
  SP9002: entry('error', 'not implemented', 'This command is planned but not implemented in this version.'),
  ...POLICY_CODES,
  ...TOOL_CODES,
} as const satisfies Record<string, CodeEntry>;

export type DiagnosticCode = keyof typeof CODES;
