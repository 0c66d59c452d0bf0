import type { Failure } from '../core/failure.ts';
import type { ArtifactId, Digest, StageId } from '../core/ids.ts';
import type { StoreRedactor } from '../core/redaction/redactor.ts';
import type { Result } from '../core/result.ts';
import type { RunNote } from '../core/run-note.ts';
import type { PlannedProvider, ServiceStage, ToolStage } from '../planner/ir/ir.ts';
import type { InputSet } from './inventory/types.ts';

/** A tool made ready on this machine. */
export interface ReadyTool {
  readonly provider: PlannedProvider;
  /** Absolute path of the executable on the host. */
  readonly executable: string;
  /** Host folders and files it needs to see, read-only (its own tree, its interpreter). */
  readonly mounts: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The lock's digest, or the executable's own sha256 where unpinned. */
  readonly digest: Digest;
  readonly version: string | null;
  readonly pinned: boolean;
  /** Facts of this machine that its results may depend on, for example the Python version: part of the cache key. */
  readonly host?: Readonly<Record<string, string>>;
  /** The image that the tool lies in, `NAME@sha256:…`; `executable` is then a name on its PATH, and nothing is mounted. */
  readonly image?: string;
}

/** Finds, and where allowed installs, a tool. Implemented by the toolchain, handed in by the composition root. */
export interface ToolProvisioner {
  provision(stage: ToolStage): Promise<Result<{ readonly tool: ReadyTool }, { readonly failure: Failure }>>;
}

/** Everything a runtime needs to run one stage. Paths are the host's. */
export interface StageInvocation {
  readonly stage: ToolStage;
  readonly tool: ReadyTool;
  readonly input: InputSet;
  /** Folder that holds the input view and nothing else; mounted read-only. */
  readonly sourceDir: string;
  /** Empty folder for outputs. */
  readonly outDir: string;
  /** `<step>.stdout` and `<step>.stderr` are written here, redacted. */
  readonly logDir: string;
  readonly assets: Readonly<Record<string, string>>;
  /** Files, and folders of trees. One that the stage writes into is its own copy. */
  readonly artifacts: ReadonlyMap<ArtifactId, string>;
  /** Base URL of an http target as the stage reaches it; absent for other targets. */
  readonly endpoint?: string;
  /** Values of declared secrets by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly redactor: StoreRedactor;
  readonly signal: AbortSignal;
  /** Variables that the run adds for the tool, for example `STACK_BASE_URL`. */
  readonly env?: Readonly<Record<string, string>>;
  /** What a stage with the network `stack` may reach. */
  readonly endpoints?: readonly StackEndpoint[];
}

/** A service as tools write it, in names and numbers; `to` is where it really is, absent: just there. */
export interface StackEndpoint {
  readonly host: string;
  readonly port: number;
  readonly to?: { readonly host: string; readonly port: number } | { readonly unixSocket: string };
}

export interface StepReport {
  readonly step: string;
  readonly exitCode: number;
  readonly wallMs: number;
  readonly maxRssBytes: number | null;
}

/** What a runtime gives back: the steps that ran and, if one ended otherwise than by an exit code, why. */
export type Execution = Result<
  {
    readonly steps: readonly StepReport[];
    readonly sourceRoot: string;
    /** What the runtime saw and the result's reader should know, for example a host that was refused. */
    readonly notes?: readonly RunNote[];
    /** What was not enforced for this stage, where that is another list than the runtime's. */
    readonly notEnforced?: readonly string[];
  },
  { readonly steps: readonly StepReport[]; readonly failure: Failure }
>;

/** What was tried from inside a sandbox, in words that stand after "a scanner can", and what of it worked. */
export interface AttackRecord {
  readonly tried: readonly string[];
  readonly worked: readonly string[];
}

/** Something that can run a stage's steps. Judging their results is not its business. */
export interface Runtime {
  readonly name: 'local' | 'dagger';
  /** What this runtime does not enforce, for the statement; empty when all is enforced. */
  readonly notEnforced: readonly string[];
  /** Privileges that it can give a stage which asks for them; absent: none. */
  readonly grants?: ReadonlySet<string>;
  /** Whether a tool may be another user than secplan, who reads only what all may read. */
  readonly readsAsOther?: boolean;
  /** Absent where it starts no services. */
  readonly stack?: StackRuntime | undefined;
  /** What its sandbox was tried with before the first stage started; absent where no stage needed it, or nothing is tried. */
  readonly attacks?: AttackRecord | undefined;
  execute(invocation: StageInvocation): Promise<Execution>;
  close(): Promise<void>;
  /** What stands around a tool in place of this machine, and so belongs into the keys of its results. */
  surroundings?(tool: Pick<ReadyTool, 'image'>): { readonly image: string; readonly pinned: boolean };
}

/** What starts the services of a stack. In which order, until when and how often they are asked is not its business. */
export interface StackRuntime {
  /** Why it cannot start this service; undefined when it can. */
  refuses(service: ServiceStage): string | undefined;
  start(
    request: ServiceRequest,
  ): Promise<Result<{ readonly service: RunningService }, { readonly detail: string }>>;
  /** Where stages reach a port of a service that was started. */
  endpoint(service: string, port: number): StackEndpoint;
}

export interface ServiceRequest {
  readonly service: ServiceStage;
  /** Names of all services of the stack: each can reach the others by name, where the runtime can do that. */
  readonly names: readonly string[];
  /** The manifest's own environment, with secrets filled in. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly workspace: string;
  /** Folder for its logs, which are redacted. */
  readonly logDir: string;
  readonly redactor: StoreRedactor;
}

/** A service that was started, not yet known to be healthy. */
export interface RunningService {
  /** Resolves with how it ended, as soon as it has, by itself or because it was stopped. */
  readonly ended: Promise<string>;
  /** Asks once whether it is healthy; the reason when it is not. Never rejects. */
  check(signal: AbortSignal): Promise<string | undefined>;
  /** Asks it to end, and makes it after a grace. Nothing of it is left when this resolves. */
  stop(): Promise<void>;
  /** Its redacted logs, to be read when it has ended. Absolute. */
  readonly logs: readonly string[];
}

/** Content-addressed files. Writes are atomic; reads verify. */
export interface BlobStore {
  putFile(path: string): Promise<{ readonly digest: Digest; readonly size: number }>;
  putBytes(bytes: Uint8Array): Promise<Digest>;
  /** Undefined when absent or damaged; a damaged blob is dropped. */
  read(digest: Digest): Promise<Uint8Array | undefined>;
  has(digest: Digest): Promise<boolean>;
  /** Puts a verified file at a path that is not there yet, as a hard link where `link` and the file system allow. False when absent. */
  place(digest: Digest, path: string, link: boolean): Promise<boolean>;
}

/** What a finished tool left, as the cache keeps it. Failures are never cached. */
export interface ActionRecord {
  readonly schema: 'https://secplan.dev/schema/action/v1';
  readonly key: Digest;
  readonly stage: StageId;
  /** Named parts of the key, for `why`. */
  readonly parts: Readonly<Record<string, Digest>>;
  readonly steps: readonly StepReport[];
  readonly sourceRoot: string;
  /** As of the run that it is from; absent: as the runtime says. */
  readonly notEnforced?: readonly string[];
  /** Output name (and `<step>.stdout`/`.stderr` for logs) to blob. */
  readonly outputs: Readonly<Record<string, { readonly digest: Digest; readonly size: number }>>;
  /** Short texts of what the parts stand for (tool version, options), so that `why` can say from what to what. */
  readonly about?: Readonly<Record<string, string>>;
  /** Fingerprint of the key that signed it where another machine made it: `sha256:…` of the SPKI. Set by who took it from there. */
  readonly sharedBy?: Digest;
  /** Blob of the input set's paths and digests (`encodeInputList`), so that `why` can name the files. */
  readonly inputList?: Digest;
}

export interface ActionCache {
  /** `stage` is who asks: what is kept elsewhere may not be for all. */
  get(key: Digest, stage: StageId): Promise<ActionRecord | undefined>;
  put(record: ActionRecord): Promise<void>;
  /** The newest record of a stage in this workspace, for `why`. */
  latest(stage: StageId): Promise<ActionRecord | undefined>;
}
