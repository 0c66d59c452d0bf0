import type { DeliverySpec, NotificationSpec } from '../../compiler/model/delivery-model.ts';
import type {
  DisabledTool,
  EnvPart,
  ModelHealth,
  PlannedPolicy,
  SignerSpec,
} from '../../compiler/model/model.ts';
import type { RemoteCacheSpec } from '../../compiler/model/remote-cache-model.ts';
import type { Category } from '../../core/category.ts';
import type { Gap, WithText } from '../../core/gap.ts';
import type { ArtifactId, Digest, StageId, ToolId } from '../../core/ids.ts';
import type { Severity } from '../../core/severity.ts';
import type { ArtifactType } from '../../stages/contract/artifact.ts';
import type { Step } from '../../stages/contract/command.ts';
import type { Covers } from '../../stages/contract/looks-for.ts';
import type { FaultText, OutputSpec } from '../../stages/contract/output.ts';
import type { Provider } from '../../stages/contract/provider.ts';
import type { Selection } from '../../stages/contract/requirements.ts';
import type { StageResources } from '../../stages/contract/stage-limits.ts';
import type { TargetKind } from '../../stages/contract/target.ts';

/** An artifact one stage produces and others consume; the edge between them. */
export interface ArtifactRef {
  readonly name: string;
  readonly id: ArtifactId;
  readonly type: ArtifactType;
  /** Of an input: the tool writes into it, so it is given a copy. */
  readonly writable?: true;
}

export type Network = 'none' | 'stack' | { readonly egress: readonly string[] };

interface StageBase {
  readonly id: StageId;
  /** Sorted. Every producer of an input is in it. */
  readonly needs: readonly StageId[];
  readonly inputs: readonly ArtifactRef[];
  readonly outputs: readonly ArtifactRef[];
}

/** A provider as resolved against the lock, with the commands it would run. */
export interface PlannedProvider {
  readonly provider: Provider;
  /** `null` where the lock does not pin it. */
  readonly version: string | null;
  readonly digest: Digest | null;
  readonly steps: readonly Step[];
  /** Machines that a pinned release is for, `<os>-<arch>` or `any`. Absent where it is for each. */
  readonly platforms?: readonly string[];
}

/** What the workspace's tools.lock.json says otherwise than secplan's own lock. */
export interface OwnPin {
  /** For example `bandit (pypi)`, `installer uv`, `image base-image`. */
  readonly what: string;
  /** `dropped`: secplan's own pin, which the file leaves out. */
  readonly state: 'pinned' | 'dropped';
  readonly package: string;
  readonly version: string;
  readonly digest: Digest;
}

export interface StageTarget {
  readonly kind: TargetKind;
  /** `source` for the workspace. */
  readonly name: string;
  /** Relative to the workspace; absent for targets without files. */
  readonly path?: string;
  /** What else the manifest says of it; absent when nothing. Paths are relative to the workspace, secrets are names. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The files of a stage. Globs are matched against paths relative to the workspace, target path included. */
export interface PlannedSelection extends Selection {
  /** Where present, a file must match one of these too: the target's own include. */
  readonly limitTo?: readonly string[];
}

interface ToolStageBase extends StageBase {
  readonly tool: ToolId;
  /** The registry's definition: the same as `tool`, or `custom`. */
  readonly definition: string;
  readonly definitionDigest: Digest;
  readonly category: Category;
  /** What it covers where that is not its category in all files of its selection; `reads` is joined with the target's path. */
  readonly covers?: readonly Covers[];
  readonly target: StageTarget;
  /** It only shows that something answers: what it covers is no category. */
  readonly probe?: true;
  /** Already joined with the target's own include and exclude. */
  readonly selection: PlannedSelection;
  /** Globs of which one file of the selection must match, else the stage is not applicable. */
  readonly appliesIf?: readonly string[];
  /** Capabilities that the runtime must grant. */
  readonly privileges?: readonly string[];
  /** What the manifest took away; files that only this excludes make the stage `excluded`, not `not-applicable`. */
  readonly excludedByManifest: readonly string[];
  /** In order of preference, for every runtime. */
  readonly providers: readonly PlannedProvider[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly assets: Readonly<Record<string, { readonly path: string; readonly digest: Digest }>>;
  /** Scripts of the workspace that a custom stage starts, by path relative to the workspace. */
  readonly scripts?: Readonly<Record<string, Digest>>;
  /** What those may source or import, so that a change of it shows; the stage sees only what its selection gives it. */
  readonly helpers?: Readonly<Record<string, Digest>>;
  readonly outputSpecs: readonly OutputSpec[];
  readonly faults: readonly FaultText[];
  /** Names only, sorted; values are facts of a run. */
  readonly secrets: readonly string[];
  readonly network: Network;
  readonly resources: StageResources;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly severityMap: Readonly<Record<string, Severity>>;
  /** What the options leave unchecked. */
  readonly notChecked: readonly WithText<Gap>[];
}

export interface ScanStage extends ToolStageBase {
  readonly kind: 'scan';
}

export interface SbomStage extends ToolStageBase {
  readonly kind: 'sbom';
}

/** Brings or builds a database that scanners read; it finds nothing itself. */
export interface DatabaseStage extends ToolStageBase {
  readonly kind: 'database';
}

/** A service that dynamic scanners talk to. It runs until the last stage that needs it has ended. */
export interface ServiceStage extends StageBase {
  readonly kind: 'service';
  /** Its name, by which others of the stack reach it. */
  readonly service: string;
  /** What a container runtime starts: an image, or a folder with a Dockerfile. */
  readonly image?: string;
  readonly build?: string;
  /** What runs in the container in place of the image's own command. */
  readonly command?: readonly string[];
  /** What the local runtime starts as a process. */
  readonly localCommand?: readonly string[];
  /** A service of secplan's own, where the manifest has none. */
  readonly builtIn?: 'placeholder';
  /** Working folder of the process, relative to the workspace. */
  readonly folder: string;
  readonly ports: readonly number[];
  /** Literal text and names of secrets; their values are facts of a run. */
  readonly env: Readonly<Record<string, readonly EnvPart[]>>;
  /** Names only, sorted. */
  readonly secrets: readonly string[];
  readonly health: ModelHealth;
  /** Files of the workspace that its commands name, by path relative to the workspace. */
  readonly scripts?: Readonly<Record<string, Digest>>;
}

/** Merges every tool's findings into one list. */
export interface AggregateStage extends StageBase {
  readonly kind: 'aggregate';
}

/** Holds the merged findings against the budgets. */
export interface GateStage extends StageBase {
  readonly kind: 'gate';
}

/** Writes the bundle's documents. */
export interface ReportStage extends StageBase {
  readonly kind: 'report';
}

/** Writes the statements about the bundle's files. */
export interface AttestStage extends StageBase {
  readonly kind: 'attest';
  /** Whether a run without a signature may not start. */
  readonly required: boolean;
  /** What the profile promises of the evidence and the manifest does not provide for. */
  readonly notChecked: readonly WithText<Gap>[];
}

/** Signs the statements. */
export interface SignStage extends StageBase {
  readonly kind: 'sign';
  readonly signer: SignerSpec;
  /** URL of the transparency log that gets an entry. */
  readonly rekor: string | null;
  /** Names only, sorted. */
  readonly secrets: readonly string[];
  readonly network: Network;
}

/** What sealed bundles are handed on by; secrets are names only, sorted. */
interface ReceiverStage extends StageBase {
  /** A run goes on as if it had succeeded. */
  readonly optional: boolean;
  /** It may lie in a private network, and be asked over plain http. */
  readonly allowPrivate: boolean;
  readonly secrets: readonly string[];
  readonly network: Network;
}

/** Hands the sealed bundle on. */
export interface DeliverStage extends ReceiverStage {
  readonly kind: 'deliver';
  readonly to: DeliverySpec;
  readonly includePrivacy: boolean;
}

/** Tells someone how the run ended. */
export interface NotifyStage extends ReceiverStage {
  readonly kind: 'notify';
  readonly to: NotificationSpec;
  readonly on: 'always' | 'fail';
}

/** Stages with a process of a tool in them. */
export type ToolStage = ScanStage | SbomStage | DatabaseStage;
export type Stage =
  | ToolStage
  | ServiceStage
  | AggregateStage
  | GateStage
  | ReportStage
  | AttestStage
  | SignStage
  | DeliverStage
  | NotifyStage;

export function isToolStage(stage: Stage): stage is ToolStage {
  return stage.kind === 'scan' || stage.kind === 'sbom' || stage.kind === 'database';
}

/** What stages of network `stack` talk to. */
export interface PlannedStack {
  readonly from: 'services' | 'reuse' | 'placeholder';
  /** The profile wants it: nothing else is scanned when it does not start. */
  readonly required: boolean;
  /** What `STACK_BASE_URL` stands for: a URL, or a service and its port; absent where no service has a port. */
  readonly base?: { readonly url: string } | { readonly service: string; readonly port: number };
}

/**
 * The plan: plain data, canonical, without times, absolute paths or places.
 * Equal manifest, profile, lock and secplan version give equal bytes.
 */
export interface Plan {
  readonly schema: 'https://secplan.dev/schema/plan/v1';
  readonly secplan: string;
  readonly profile: string;
  readonly name: string;
  /** Sorted by id. */
  readonly stages: readonly Stage[];
  readonly policy: PlannedPolicy;
  /** Absent where no stage talks to one. */
  readonly stack?: PlannedStack;
  /** Tools known and not planned, sorted. */
  readonly notPlanned: readonly DisabledTool[];
  /** Paths that the manifest excludes from the workspace. */
  readonly sourceExclude: readonly string[];
  /** Globs of the files that the manifest's source target takes; absent where it takes all. */
  readonly sourceOnly?: readonly string[];
  /** Present only where the manifest switches the sandbox off. */
  readonly sandbox?: 'off';
  /** Results that others may have made are taken from here; absent where the manifest names none. */
  readonly remoteCache?: RemoteCacheSpec;
  /** Sorted as in the file; absent where it says nothing otherwise than secplan's own lock. */
  readonly ownPins?: readonly OwnPin[];
  readonly labels: Readonly<Record<string, string>>;
  /** Stage id to the JSON pointer in the manifest that asks for it; places are looked up by it. */
  readonly origins: Readonly<Record<string, string>>;
  /** sha256 of the canonical JSON of everything above. */
  readonly planDigest: Digest;
}
