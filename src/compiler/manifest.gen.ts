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
 * Settings of scanners by id, and custom stages under `custom`. Configuring a tool does not enable it.
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
 * A text, not empty.
 */
export type Text = string;
/**
 * A VEX document: a path, or a path with an expiry date.
 */
export type VexDocument =
  | Path
  | {
      path: Path;
      /**
       * a day as YYYY-MM-DD, the last one on which it applies, in UTC
       */
      expires?: string;
    };
/**
 * env:NAME, file:PATH or dotenv:NAME
 */
export type SecretSource = string;
/**
 * Whether the run continues if this fails.
 */
export type Optional = boolean;
/**
 * Whether to include privacy packs and reports.
 */
export type IncludePrivacy = boolean;
/**
 * Whether to allow a private, loopback or link-local address, and plain http.
 */
export type AllowPrivate = boolean;
/**
 * a host name, with a port if it is not 443
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
 * Arguments, one per entry.
 *
 * Items: text without NUL
 */
export type Arguments = string[];
/**
 * How many times secplan retries a failed run.
 */
export type Retries = number;
/**
 * A severity.
 */
export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info';
/**
 * Network access: `none`, `stack`, or the hosts under `egress`.
 */
export type Network =
  | ('none' | 'stack')
  | {
      /**
       * Allowed hosts; without a port, 80 and 443.
       */
      egress: Host[];
    };
/**
 * Secrets that it gets as environment variables of the same name.
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
 * A secplan security manifest: what to scan, with which tools, and which findings fail a run.
 */
export interface Manifest {
  /**
   * Names this schema for editors; secplan ignores it.
   */
  $schema?: string;
  /**
   * Version of the manifest format.
   */
  apiVersion: 'secplan/v1';
  metadata: Metadata;
  targets?: Targets;
  stack?: Stack;
  tools?: Tools;
  /**
   * Profiles by name. A profile that has the name of a built-in one and no `extends` changes the built-in one.
   */
  profiles?: {
    [k: string]: Profile;
  };
  policy?: Policy;
  /**
   * Secrets by name: the source of each, never its value.
   */
  secrets?: {
    [k: string]: SecretSource;
  };
  evidence?: Evidence;
  delivery?: Delivery;
  /**
   * Receivers of a notification about each run.
   */
  notify?: Notification[];
  cache?: Cache;
  runtime?: Runtime;
}
/**
 * Name and owner of the project.
 */
export interface Metadata {
  name: Name;
  /**
   * Responsible person or team.
   */
  owner?: string;
  /**
   * One line of description.
   */
  description?: string;
  /**
   * Free labels, copied to the plan and the statement.
   */
  labels?: {
    [k: string]: string;
  };
}
/**
 * What to scan.
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
   * Sample packs to search for personal data.
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
   * Clusters, or manifests of a cluster.
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
   * Image reference, preferably with a digest.
   */
  ref?: string;
  archive?: Path;
}
/**
 * An HTTP service: a URL or a service of the stack.
 */
export interface HttpTarget {
  name: Name;
  url?: Url;
  service?: Name;
  openapi?: Path;
  graphql?: Path;
  postman?: Path;
  /**
   * How to authenticate requests.
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
   * How many records a sampling profile reads.
   */
  sample?: number;
}
/**
 * A file or folder in the workspace.
 */
export interface FileTarget {
  name: Name;
  path: Path;
  include?: Globs;
  exclude?: Globs;
}
/**
 * A cluster (kubeconfig context) or manifests in the workspace.
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
 * Services that dynamic scanners test.
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
   * Health check: when the service is ready.
   */
  health?: {
    /**
     * a path that answers 2xx, starting with /
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
 * A named set of scanners.
 */
export interface Profile {
  extends?: Name;
  /**
   * Scanners to enable or disable, and their options.
   */
  tools?: {
    /**
     * Scanners and custom stages to enable.
     */
    enable?: ToolName[];
    /**
     * Scanners and custom stages to disable.
     */
    disable?: ToolName[];
    /**
     * Options by scanner; they override `tools.<id>.options`.
     */
    options?: {
      [k: string]: ToolOptions;
    };
  };
  /**
   * Whether it needs a stack.
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
 * Largest number of findings allowed; a severity without a number has no limit.
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
  /**
   * true: vulnerabilities without a fixed version do not count; everything else does.
   */
  fixable?: boolean;
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
 * The same for findings that are not in the baseline.
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
 * Budgets, waivers and other rules of the verdict.
 */
export interface Policy {
  /**
   * Budgets by profile; `default` applies to all others.
   */
  budgets?: {
    [k: string]: Budgets;
  };
  baseline?: Path;
  licenses?: Licenses;
  /**
   * Coverage that a run must reach.
   */
  coverage?: {
    /**
     * Categories or tools; if one is not covered, the run is incomplete.
     */
    require?: ToolName[];
    /**
     * Languages, for example Ruby; if no scanner read a file of one, the run is incomplete.
     */
    languages?: Text[];
    /**
     * Whether a file that a scanner was given and did not examine makes the run incomplete; default fail. A file without a reason always does.
     */
    unexamined?: 'fail' | 'warn';
  };
  /**
   * Waivers: findings that do not count until an expiry date.
   */
  waivers?: Waiver[];
  /**
   * VEX documents (OpenVEX or CycloneDX) in the workspace.
   */
  vex?: VexDocument[];
  /**
   * Package URLs or other ids that VEX documents use for this project.
   */
  products?: Text[];
  /**
   * Lists of exploited vulnerabilities, as files in the workspace.
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
   * Severity of a package whose licence is missing or unreadable; default medium.
   */
  unknown?: 'critical' | 'high' | 'medium' | 'low' | 'info' | 'ignore';
}
/**
 * One waiver.
 */
export interface Waiver {
  /**
   * Which findings it waives; every given field must match.
   */
  match: {
    rule?: Text;
    path?: Text;
    package?: Text;
    cve?: Text;
    tool?: ToolName;
    target?: Name;
    /**
     * Vulnerabilities with a fixed version (true) or without one (false).
     */
    fixable?: boolean;
    /**
     * Vulnerabilities whose CVE is in the catalogue of `policy.exploited.kev` (true) or not (false).
     */
    kev?: boolean;
    /**
     * Vulnerabilities whose CVEs all have a lower score in `policy.exploited.epss`.
     */
    epssBelow?: number;
    /**
     * fingerprint of a finding, 64 lower-case hex digits
     */
    fingerprint?: string;
  };
  reason: Text;
  owner: Text;
  /**
   * a day as YYYY-MM-DD, the last one on which it applies, in UTC
   */
  expires: string;
}
/**
 * Signing and proof of a run.
 */
export interface Evidence {
  /**
   * How secplan signs the statement.
   */
  sign?: {
    key?: SecretName;
    password?: SecretName;
    command?: Command;
    /**
     * Sign with the available identity.
     */
    keyless?: true;
    fulcio?: Url;
    identity?: SecretName;
  };
  rekor?: Url;
  /**
   * Whether to refuse a run that has no signer or no delivery.
   */
  required?: boolean;
}
/**
 * Where to deliver bundles.
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
     * Add the bundle to the release of the scanned tag.
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
   * When to send it; default always.
   */
  on?: 'always' | 'fail';
  host?: Host;
  /**
   * Template of the message, with {{fields}}; default: the built-in one.
   */
  template?: {} | string;
  optional?: Optional;
  allowPrivate?: AllowPrivate;
}
/**
 * Where to keep results between runs.
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
     * s3://BUCKET/PREFIX, an http or https URL that accepts GET and PUT, or file:///FOLDER
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
     * Trusted public keys, in PEM or as the base64 between its lines. The public key of `sign` is always trusted.
     */
    trust?: string[];
    /**
     * Whether the cache is read-only.
     */
    readOnly?: boolean;
    timeout?: Duration;
    allowPrivate?: AllowPrivate;
    /**
     * Whether to share results of privacy scanners.
     */
    includePrivacy?: boolean;
  };
}
/**
 * Where to run stages.
 */
export interface Runtime {
  /**
   * Runtime to use without --runtime; default local.
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
     * Whether to run stages in a sandbox; default true.
     */
    sandbox?: boolean;
  };
  /**
   * Service that runs stages of the managed runtime.
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
   * Enables or disables it in every profile.
   */
  enabled?: boolean;
  /**
   * Version to use instead of the one in tools.lock.json.
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
 * Resource limits.
 */
export interface Resources {
  /**
   * Processor cores.
   */
  cpus?: number;
  memory?: Size;
  /**
   * Processes and threads at the same time.
   */
  processes?: number;
  /**
   * Files that it may write to its output folder.
   */
  files?: number;
  output?: Size;
}
/**
 * Severity by rule id or by level of the tool.
 */
export interface SeverityMap {
  [k: string]: Severity;
}
/**
 * A custom stage: a command, an image, or a command in an image.
 */
export interface CustomTool {
  /**
   * Enables or disables it in every profile.
   */
  enabled?: boolean;
  command?: Command;
  /**
   * Image to run it in, on the dagger runtime; without a command secplan runs its entry point.
   */
  image?: string;
  inputs?: Globs;
  /**
   * Stages that must finish first.
   */
  needs?: ToolName[];
  /**
   * Format of its report.
   */
  report: 'sarif' | 'cyclonedx' | 'spdx' | 'junit';
  category?: Category;
  args?: Arguments;
  /**
   * Meaning of each exit code; default: 0 clean, 1 findings.
   */
  exits?: {
    /**
     * `ok` means success, with or without findings.
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
 * A file for --policy: budgets, and licence lists that replace those of the manifest.
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
  /**
   * true: vulnerabilities without a fixed version do not count; everything else does.
   */
  fixable?: boolean;
  new?: NewLimits;
  licenses?: Licenses;
}
