import type { Category } from '../../core/category.ts';
import type { Digest, ToolId } from '../../core/ids.ts';
import type { ImageRef } from '../../core/image-ref.ts';
import type { NotRun } from '../../core/not-run.ts';
import type { Severity } from '../../core/severity.ts';
import type { StageLimits } from '../../stages/contract/stage-limits.ts';
import type { TargetKind } from '../../stages/contract/target.ts';
import type { ModelDelivery, ModelNotification } from './delivery-model.ts';
import type { RemoteCacheSpec } from './remote-cache-model.ts';

/** At most this many of each severity; a severity not named is unlimited. */
export type BudgetLimits = Partial<Readonly<Record<Severity, number>>>;

/** Limits on everything that is counted, and on parts of it. */
export interface ScopedLimits {
  readonly overall: BudgetLimits;
  readonly perTool: Readonly<Record<string, BudgetLimits>>;
  readonly perCategory: Partial<Readonly<Record<Category, BudgetLimits>>>;
  readonly perTarget: Readonly<Record<string, BudgetLimits>>;
}

/** Budgets that all must hold. */
export interface Budgets extends ScopedLimits {
  /** Where it came from: `--policy FILE`, `profiles.light.budgets`, `policy.budgets.default`, `built-in` … */
  readonly origin: string;
  /** The same for findings that the baseline does not hold. */
  readonly new?: ScopedLimits;
  /** At most this many findings that `policy.exploited` marks. */
  readonly exploited?: number;
  /** Vulnerabilities without a fixed version do not count. */
  readonly fixable?: true;
}

export interface PlannedWaiver {
  /** Numbers and booleans as JSON writes them. */
  readonly match: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly owner: string;
  /** YYYY-MM-DD; the last day on which it holds, in UTC. */
  readonly expires: string;
}

/** A file of the workspace that decides what counts; its digest makes every change of it a change of the plan. */
export interface PolicyFileRef {
  /** Relative to the workspace, normalised. */
  readonly path: string;
  /** Null where the file was not there when the plan was made. */
  readonly digest: Digest | null;
}

export interface PlannedVex extends PolicyFileRef {
  /** YYYY-MM-DD; the last day on which it is believed, in UTC. */
  readonly expires?: string;
}

/** SPDX licence lists; sorted. */
export interface PlannedLicenses {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  /** Of a package without a licence that can be read. */
  readonly unknown: Severity | 'ignore';
}

/** Paths only: such lists are refreshed daily and, like the databases of scanners, are facts of a run. */
export interface PlannedExploited {
  readonly kev?: string;
  readonly epss?: string;
  /** EPSS probability from which a finding counts as exploited; absent: scores are only shown. */
  readonly threshold?: number;
}

export interface PlannedPolicy {
  readonly budgets: Budgets;
  readonly waivers: readonly PlannedWaiver[];
  readonly onIncomplete: 'fail' | 'warn';
  readonly coverageRequire: readonly string[];
  /** Languages of which some file must be read, as `languageNames` has them, sorted; absent where none is named. */
  readonly coverageLanguages?: readonly string[];
  /** Files that a scanner was given and did not check, with its reason, do not make the run incomplete; absent: they do. */
  readonly unexamined?: 'warn';
  readonly baseline?: PolicyFileRef;
  readonly licenses?: PlannedLicenses;
  readonly vex?: readonly PlannedVex[];
  /** What VEX statements may call the scanned project; sorted. */
  readonly products?: readonly string[];
  readonly exploited?: PlannedExploited;
  readonly slaMs: number | null;
  readonly enforceSla: boolean;
}

/** How the statement is signed; secrets by name only. */
export type SignerSpec =
  | { readonly method: 'key'; readonly key: string; readonly password?: string }
  /** An argv that signs standard input and writes the signature to standard output. */
  | { readonly method: 'command'; readonly command: readonly string[] }
  | { readonly method: 'keyless'; readonly fulcio?: string; readonly identity?: string };

export interface EvidenceModel {
  readonly sign: SignerSpec | null;
  /** URL of a transparency log. */
  readonly rekor: string | null;
  readonly required: boolean;
}

/** A tool that the plan leaves out, and by whom. */
export interface DisabledTool {
  readonly tool: ToolId;
  readonly state: 'disabled' | 'skipped' | 'not-applicable';
  readonly reason: NotRun;
  /** `reason` in words. */
  readonly text: string;
}

/** A target of the manifest, of any kind, with what planning needs of it. */
export interface ModelTarget {
  readonly kind: TargetKind;
  /** `source` for the workspace; unique per kind. */
  readonly name: string;
  /** Relative to the workspace, normalised, checked to stay inside; absent for targets without files. */
  readonly path?: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Kind-specific members as the manifest has them (ref, url, provider …). */
  readonly details: Readonly<Record<string, unknown>>;
  /** JSON pointer of the target in the manifest. */
  readonly pointer: string;
}

/** An enabled scanner or custom stage with its settings merged: stage default < `tools.<id>` < the profile's. */
export interface ModelTool {
  readonly id: ToolId;
  /** Registry id of the definition: `id`, or `custom` for the user's own stages. */
  readonly definition: string;
  /** Merged options, validated; the stage's own defaults are applied when it is planned. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly args: readonly string[];
  /** Provider named by the manifest; absent: the first that is not a third party's. */
  readonly provider?: string;
  readonly version?: string;
  readonly digest?: string;
  /** Custom stages: the image that it runs in. Its tag is `version`, its digest `digest`. */
  readonly image?: ImageRef;
  readonly timeoutMs?: number;
  readonly retries: number;
  readonly resources: StageLimits & { readonly cpus?: number; readonly memoryMb?: number };
  readonly severityMap: Readonly<Record<string, Severity>>;
  readonly network?: 'none' | 'stack' | { readonly egress: readonly string[] };
  readonly secrets: readonly string[];
  /** Custom stages: other stages that must come first. */
  readonly needs: readonly string[];
  /** Whether the user named the tool (manifest, --only): one without a provider is then an error. */
  readonly named: boolean;
  /** JSON pointer that asks for it, for example `/tools/bandit` or `/profiles/pr/tools/enable/0`; `` when built in. */
  readonly pointer: string;
}

/** Part of an environment value: literal text, or a declared secret whose value is a fact of a run. */
export type EnvPart = string | { readonly secret: string };

/** How a service is known to be ready. Checks go on, further and further apart up to the interval, until the timeout. */
export interface ModelHealth {
  readonly check:
    | { readonly kind: 'http'; readonly path: string; readonly port: number }
    | { readonly kind: 'tcp'; readonly port: number }
    | { readonly kind: 'command'; readonly command: readonly string[] }
    /** Nothing to ask: it must not have ended. */
    | { readonly kind: 'alive' };
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** A service that dynamic scanners talk to. */
export interface ModelService {
  readonly name: string;
  /** What a container runtime starts; absent where only a process can be started. */
  readonly image?: string;
  /** Folder with a Dockerfile, relative to the workspace. */
  readonly build?: string;
  /** What runs in the container in place of the image's own command. */
  readonly command?: readonly string[];
  /** What the local runtime starts as a process; absent where only a container can be started. */
  readonly localCommand?: readonly string[];
  /** Working folder of the process, relative to the workspace. */
  readonly folder: string;
  readonly ports: readonly number[];
  readonly env: Readonly<Record<string, readonly EnvPart[]>>;
  readonly health: ModelHealth;
  /** Sorted. */
  readonly dependsOn: readonly string[];
  /** JSON pointer in the manifest: of the service, or of `compose`. */
  readonly pointer: string;
}

/** What stands behind the stages of network `stack`. */
export interface ModelStack {
  /** `placeholder`: the profile wants a stack, the manifest has none. */
  readonly from: 'services' | 'reuse' | 'placeholder';
  /** Base URL of a running stack. */
  readonly reuse?: string;
  /** Sorted by name; empty for a reused stack. */
  readonly services: readonly ModelService[];
}

/** What a manifest and a profile mean, resolved: no defaults left to apply but the stages' own. */
export interface Model {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly profile: string;
  /** Base first, leaf last. */
  readonly profileChain: readonly string[];
  readonly requiresStack: boolean;
  /** Absent where the manifest has none and the profile wants none. */
  readonly stack?: ModelStack;
  readonly targets: readonly ModelTarget[];
  /** Sorted by id. */
  readonly tools: readonly ModelTool[];
  /** Settings of databases, which no profile names: a scanner that reads one brings it in. Sorted by id. */
  readonly databases: readonly ModelTool[];
  readonly notPlanned: readonly DisabledTool[];
  readonly policy: PlannedPolicy;
  /** Name to source, for example `env:TOKEN`. Never values. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly runtime: 'local' | 'dagger' | 'managed';
  /** Where the manifest says that an engine and its images are. */
  readonly dagger: { readonly engine?: string; readonly registryMirror?: string };
  readonly cache: {
    readonly dir?: string;
    readonly maxSizeBytes?: number;
    /** Absent: it is shared with nobody. */
    readonly remote?: RemoteCacheSpec;
  };
  /** Absent: nothing of it in the manifest. */
  readonly evidence?: EvidenceModel;
  /** Absent: none. */
  readonly deliveries?: readonly ModelDelivery[];
  readonly notifications?: readonly ModelNotification[];
  /** Where the sandbox is switched off by the manifest. */
  readonly sandbox: boolean;
}
