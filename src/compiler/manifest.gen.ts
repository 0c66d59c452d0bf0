// Generated from schema/manifest.schema.json by scripts/gen-manifest.ts. Do not edit.

/**
 * a letter or digit, then up to 62 letters, digits, dots, dashes or underscores
 */
export type Name = string;
/**
 * a path relative to the workspace
 */
export type Path = string;
/**
 * Globs relative to the target's path: `**`, `*`, `?`, `{a,b}`; case-sensitive.
 */
export type Globs = string[];
/**
 * an http or https URL
 */
export type Url = string;
/**
 * the name of an entry of `secrets`: letters, digits and underscores
 */
export type SecretName = string;
/**
 * An argv: program first, no shell.
 *
 * Items: text without NUL
 */
export type Command = string[];
/**
 * a duration such as 30s, 5m or 1h30m
 */
export type Duration = string;
/**
 * Settings of scanners by id, and stages of your own under `custom`. Configuring a tool does not enable it.
 */
export type Tools = {
  custom?: {[id: string]: CustomTool};
  [id: string]: Tool | {[id: string]: CustomTool} | undefined;
};
/**
 * a lower-case letter, then up to 62 lower-case letters, digits or dashes
 */
export type ToolName = string;
/**
 * At most this many findings.
 */
export type Count = number;
/**
 * SPDX licence ids, `LicenseRef-…`, or `<license> WITH <exception>`; `+` as SPDX has it.
 */
export type LicenseIds = string[];
/**
 * A text that is not empty.
 */
export type Text = string;
/**
 * A VEX document, by path or with the day until which it is believed.
 */
export type VexDocument =
  | Path
  | {
      path: Path;
      /**
       * a day as YYYY-MM-DD, the last one on which it is believed, in UTC
       */
      expires?: string;
    };
/**
 * env:NAME, file:PATH or dotenv:NAME
 */
export type SecretSource = string;
/**
 * Whether the run goes on without it.
 */
export type Optional = boolean;
/**
 * Whether privacy packs and reports go along.
 */
export type IncludePrivacy = boolean;
/**
 * Whether it may have a private, loopback or link-local address, or be asked over plain http.
 */
export type AllowPrivate = boolean;
/**
 * a host name, with a port where it is not 443
 */
export type Host = string;
/**
 * a size such as 512MiB or 2GB
 */
export type Size = string;
/**
 * sha256: and 64 lower-case hex digits
 */
export type Digest = string;
/**
 * Arguments, one an entry.
 *
 * Items: text without NUL
 */
export type Arguments = string[];
/**
 * How often a failed run is tried again.
 */
export type Retries = number;
/**
 * One of secplan's severities.
 */
export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info';
/**
 * What it may reach: `none`, `stack`, or the hosts under `egress`.
 */
export type Network =
  | ('none' | 'stack')
  | {
      /**
       * Hosts that it may reach; without a port, 80 and 443.
       */
      egress: Host[];
    };
/**
 * Secrets that it is given as environment variables of the same name.
 */
export type SecretNames = SecretName[];
/**
 * A category of findings.
 */
export type Category =
  | 'sast'
  | 'sca'
  | 'secrets'
  | 'iac'
  | 'api'
  | 'dast'
  | 'container'
  | 'kubernetes'
  | 'cloud'
  | 'supply-chain'
  | 'runtime'
  | 'trust'
  | 'fuzz'
  | 'privacy'
  | 'license';

/**
 * A secplan security manifest: what to scan, with what, and what gates.
 */
export interface Manifest {
  /**
   * Names this schema for editors; without meaning to secplan.
   */
  $schema?: string;
  /**
   * Version of the manifest's format.
   */
  apiVersion: 'secplan/v1';
  metadata: Metadata;
  targets?: Targets;
  stack?: Stack;
  tools?: Tools;
  /**
   * Profiles by name. One with a built-in profile's name and without `extends` amends the built-in one.
   */
  profiles?: {
    [k: string]: Profile;
  };
  policy?: Policy;
  /**
   * Secrets by name: where each comes from, never its value.
   */
  secrets?: {
    [k: string]: SecretSource;
  };
  evidence?: Evidence;
  delivery?: Delivery;
  /**
   * Who is told how a run ended.
   */
  notify?: Notification[];
  cache?: Cache;
  runtime?: Runtime;
}
/**
 * What the manifest is of.
 */
export interface Metadata {
  name: Name;
  /**
   * Who answers for it.
   */
  owner?: string;
  /**
   * One line for people.
   */
  description?: string;
  /**
   * Free labels, carried into the plan and the statement.
   */
  labels?: {
    [k: string]: string;
  };
}
/**
 * What is scanned.
 */
export interface Targets {
  /**
   * The source tree; by default the whole workspace.
   */
  source?: {
    path?: Path;
    include?: Globs;
    exclude?: Globs;
  };
  /**
   * Container images.
   */
  images?: ImageTarget[];
  /**
   * Running HTTP services.
   */
  http?: HttpTarget[];
  /**
   * Sample packs that are searched for personal data.
   */
  privacy?: PrivacyTarget[];
  /**
   * Infrastructure as code.
   */
  iac?: FileTarget[];
  /**
   * Built binaries.
   */
  binaries?: FileTarget[];
  /**
   * Clusters, or the manifests of one.
   */
  kubernetes?: KubernetesTarget[];
  /**
   * Cloud accounts.
   */
  cloud?: CloudTarget[];
  /**
   * Fuzz targets.
   */
  fuzz?: FuzzTarget[];
}
/**
 * A container image, by reference or as an archive.
 */
export interface ImageTarget {
  name: Name;
  /**
   * Image reference, best with a digest.
   */
  ref?: string;
  archive?: Path;
}
/**
 * An HTTP service, by URL or as a service of the stack.
 */
export interface HttpTarget {
  name: Name;
  url?: Url;
  service?: Name;
  openapi?: Path;
  graphql?: Path;
  postman?: Path;
  /**
   * How requests authenticate.
   */
  auth?: {
    /**
     * Scheme.
     */
    type: 'bearer' | 'basic' | 'header';
    secret: SecretName;
    /**
     * User name of the basic scheme.
     */
    username?: string;
    /**
     * Header name of the header scheme.
     */
    header?: string;
  };
}
/**
 * A pack of samples.
 */
export interface PrivacyTarget {
  name: Name;
  path: Path;
  /**
   * How many records a sampling profile looks at.
   */
  sample?: number;
}
/**
 * A file or folder of the workspace.
 */
export interface FileTarget {
  name: Name;
  path: Path;
  include?: Globs;
  exclude?: Globs;
}
/**
 * A cluster by kubeconfig context, or manifests in the workspace.
 */
export interface KubernetesTarget {
  name: Name;
  /**
   * Kubeconfig context.
   */
  context?: string;
  manifests?: Path;
}
/**
 * A cloud account.
 */
export interface CloudTarget {
  name: Name;
  /**
   * Cloud provider.
   */
  provider: 'aws' | 'azure' | 'gcp';
  /**
   * Account, subscription or project.
   */
  account: string;
  /**
   * Only this region.
   */
  region?: string;
}
/**
 * A program to fuzz.
 */
export interface FuzzTarget {
  name: Name;
  build?: Command;
  binary: Path;
  seeds?: Path;
  /**
   * How long to fuzz.
   */
  seconds?: number;
}
/**
 * The services that dynamic scanners talk to.
 */
export interface Stack {
  /**
   * Services by name.
   */
  services?: {
    [k: string]: Service;
  };
  compose?: Path;
  reuse?: Url;
}
/**
 * One service of the stack.
 */
export interface Service {
  /**
   * Image reference.
   */
  image?: string;
  build?: Path;
  command?: Command;
  /**
   * Ports that it listens on.
   */
  ports?: number[];
  /**
   * Environment: literal values, or `secret:NAME`.
   */
  env?: {
    [k: string]: string;
  };
  /**
   * How it is known to be ready.
   */
  health?: {
    /**
     * a path that answers 2xx, beginning with /
     */
    http?: string;
    /**
     * Port that accepts connections.
     */
    tcp?: number;
    command?: Command;
    interval?: Duration;
    timeout?: Duration;
  };
  /**
   * Services that must be healthy first.
   */
  dependsOn?: Name[];
}
/**
 * A named choice of scanners.
 */
export interface Profile {
  extends?: Name;
  /**
   * What it adds, takes away and sets.
   */
  tools?: {
    /**
     * Scanners and custom stages to switch on.
     */
    enable?: ToolName[];
    /**
     * Scanners and custom stages to switch off.
     */
    disable?: ToolName[];
    /**
     * Options by scanner; they win over `tools.<id>.options`.
     */
    options?: {
      [k: string]: ToolOptions;
    };
  };
  /**
   * Whether it cannot do without a stack.
   */
  requiresStack?: boolean;
  sla?: Duration;
  budgets?: Budgets;
}
/**
 * Options of one scanner; `secplan tools show ID` lists them.
 */
export interface ToolOptions {
  [k: string]: unknown;
}
/**
 * How many findings are tolerated; a severity not named is unlimited.
 */
export interface Budgets {
  critical?: Count;
  high?: Count;
  medium?: Count;
  low?: Count;
  info?: Count;
  perTool?: LimitsByTool;
  perCategory?: LimitsByCategory;
  perTarget?: LimitsByTarget;
  exploited?: Count;
  new?: NewLimits;
}
/**
 * Limits by tool.
 */
export interface LimitsByTool {
  [k: string]: Limits;
}
/**
 * At most this many of each severity.
 */
export interface Limits {
  critical?: Count;
  high?: Count;
  medium?: Count;
  low?: Count;
  info?: Count;
}
/**
 * Limits by category.
 */
export interface LimitsByCategory {
  [k: string]: Limits;
}
/**
 * Limits by target; `source` is the workspace.
 */
export interface LimitsByTarget {
  [k: string]: Limits;
}
/**
 * The same for findings that the baseline does not hold.
 */
export interface NewLimits {
  critical?: Count;
  high?: Count;
  medium?: Count;
  low?: Count;
  info?: Count;
  perTool?: LimitsByTool;
  perCategory?: LimitsByCategory;
  perTarget?: LimitsByTarget;
}
/**
 * What gates.
 */
export interface Policy {
  /**
   * Budgets by profile; `default` is for those without their own.
   */
  budgets?: {
    [k: string]: Budgets;
  };
  baseline?: Path;
  licenses?: Licenses;
  /**
   * What must have been looked at.
   */
  coverage?: {
    /**
     * Categories or tools; one that was not looked at makes the run incomplete.
     */
    require?: ToolName[];
  };
  /**
   * Findings that do not count until a day.
   */
  waivers?: Waiver[];
  /**
   * VEX documents (OpenVEX or CycloneDX) in the workspace.
   */
  vex?: VexDocument[];
  /**
   * Lists of what is exploited, as files in the workspace.
   */
  exploited?: {
    kev?: Path;
    epss?: Path;
    /**
     * EPSS probability from which a finding counts as exploited; without it scores are only shown.
     */
    threshold?: number;
  };
  /**
   * Whether an incomplete run fails; default fail.
   */
  onIncomplete?: 'fail' | 'warn';
  /**
   * Whether a run that took longer than the profile's sla fails.
   */
  enforceSla?: boolean;
}
/**
 * Licences of packages, by SPDX id.
 */
export interface Licenses {
  allow?: LicenseIds;
  deny?: LicenseIds;
  /**
   * Severity of a package without a licence that can be read; default medium.
   */
  unknown?: 'critical' | 'high' | 'medium' | 'low' | 'info' | 'ignore';
}
/**
 * One waiver.
 */
export interface Waiver {
  /**
   * What it is about; all that is named must match.
   */
  match: {
    rule?: Text;
    path?: Text;
    package?: Text;
    cve?: Text;
    tool?: ToolName;
    target?: Name;
    /**
     * a finding's fingerprint, 64 lower-case hex digits
     */
    fingerprint?: string;
  };
  reason: Text;
  owner: Text;
  /**
   * a day as YYYY-MM-DD, the last one on which it holds, in UTC
   */
  expires: string;
}
/**
 * What a run leaves as proof.
 */
export interface Evidence {
  /**
   * How the statement is signed.
   */
  sign?: {
    key?: SecretName;
    password?: SecretName;
    command?: Command;
    /**
     * Sign with the identity at hand.
     */
    keyless?: true;
    fulcio?: Url;
    identity?: SecretName;
  };
  rekor?: Url;
  /**
   * Whether a run without a signature and a delivery may not start.
   */
  required?: boolean;
}
/**
 * Where bundles go.
 */
export interface Delivery {
  /**
   * Object stores.
   */
  s3?: S3[];
  /**
   * GitHub.
   */
  github?: {
    /**
     * owner/name
     */
    repository?: string;
    token?: SecretName;
    /**
     * Upload findings to code scanning.
     */
    codeScanning?: boolean;
    apiUrl?: Url;
    /**
     * Add the bundle to the release of the tag that is built.
     */
    releaseAssets?: boolean;
    optional?: Optional;
    includePrivacy?: IncludePrivacy;
    allowPrivate?: AllowPrivate;
  };
  /**
   * OpenSearch.
   */
  opensearch?: {
    url: Url;
    index: Text;
    username?: Text;
    password?: SecretName;
    token?: SecretName;
    optional?: Optional;
    includePrivacy?: IncludePrivacy;
    allowPrivate?: AllowPrivate;
  };
}
/**
 * A bucket.
 */
export interface S3 {
  bucket: Text;
  /**
   * Key prefix.
   */
  prefix?: string;
  region?: Text;
  endpoint?: Url;
  accessKey?: SecretName;
  secretKey?: SecretName;
  sessionToken?: SecretName;
  optional?: Optional;
  includePrivacy?: IncludePrivacy;
  allowPrivate?: AllowPrivate;
}
/**
 * One message.
 */
export interface Notification {
  slack?: SecretName;
  webhook?: Url;
  secret?: SecretName;
  /**
   * When; default always.
   */
  on?: 'always' | 'fail';
  host?: Host;
  /**
   * What is sent, with {{fields}} of the message; default secplan's own.
   */
  template?: {} | string;
  optional?: Optional;
  allowPrivate?: AllowPrivate;
}
/**
 * Where results are kept between runs.
 */
export interface Cache {
  /**
   * a folder
   */
  dir?: string;
  maxSize?: Size;
  /**
   * A cache that several machines share.
   */
  remote?: {
    /**
     * s3://BUCKET/PREFIX, an http or https URL that takes GET and PUT, or file:///FOLDER
     */
    url: string;
    region?: Text;
    endpoint?: Url;
    accessKey?: SecretName;
    secretKey?: SecretName;
    sessionToken?: SecretName;
    token?: SecretName;
    sign?: SecretName;
    password?: SecretName;
    /**
     * Public keys whose entries are taken, in PEM or as the base64 between its lines. The signing key's own is among them.
     */
    trust?: string[];
    /**
     * Whether it is only read.
     */
    readOnly?: boolean;
    timeout?: Duration;
    allowPrivate?: AllowPrivate;
    /**
     * Whether results of privacy scanners go along.
     */
    includePrivacy?: boolean;
  };
}
/**
 * Where stages run.
 */
export interface Runtime {
  /**
   * Runtime without --runtime; default local.
   */
  default?: 'local' | 'dagger' | 'managed';
  registryMirror?: Host;
  /**
   * Address of the Dagger engine.
   */
  engine?: string;
  /**
   * The local runtime.
   */
  local?: {
    /**
     * Whether stages are sandboxed; default true.
     */
    sandbox?: boolean;
  };
  /**
   * The service that the managed runtime submits to.
   */
  managed?: {
    url: Url;
    token?: SecretName;
  };
}
/**
 * Settings of one scanner.
 */
export interface Tool {
  /**
   * Switches it on or off in every profile.
   */
  enabled?: boolean;
  /**
   * Version, instead of the lock's.
   */
  version?: string;
  digest?: Digest;
  provider?: ToolName;
  args?: Arguments;
  options?: ToolOptions;
  config?: Path;
  timeout?: Duration;
  retries?: Retries;
  resources?: Resources;
  severityMap?: SeverityMap;
  network?: Network;
  secrets?: SecretNames;
}
/**
 * What it may use.
 */
export interface Resources {
  /**
   * Processor cores.
   */
  cpus?: number;
  memory?: Size;
}
/**
 * Rule id or the tool's own level to a severity.
 */
export interface SeverityMap {
  [k: string]: Severity;
}
/**
 * A stage of your own: a command, an image, or a command in an image.
 */
export interface CustomTool {
  /**
   * Switches it on or off in every profile.
   */
  enabled?: boolean;
  command?: Command;
  /**
   * Image that it runs in, on the dagger runtime; without a command its entry point is what runs.
   */
  image?: string;
  inputs?: Globs;
  /**
   * Stages that come first.
   */
  needs?: ToolName[];
  /**
   * Format of its report.
   */
  report: 'sarif' | 'cyclonedx' | 'spdx' | 'junit';
  category?: Category;
  args?: Arguments;
  /**
   * What exit codes mean; default 0 clean, 1 findings.
   */
  exits?: {
    /**
     * `ok` says nothing of findings.
     */
    [k: string]: 'clean' | 'findings' | 'ok';
  };
  timeout?: Duration;
  retries?: Retries;
  resources?: Resources;
  severityMap?: SeverityMap;
  network?: Network;
  secrets?: SecretNames;
}
/**
 * A file for --policy: budgets, and licence lists in place of the manifest's.
 */
export interface PolicyFile {
  critical?: Count;
  high?: Count;
  medium?: Count;
  low?: Count;
  info?: Count;
  perTool?: LimitsByTool;
  perCategory?: LimitsByCategory;
  perTarget?: LimitsByTarget;
  exploited?: Count;
  new?: NewLimits;
  licenses?: Licenses;
}
