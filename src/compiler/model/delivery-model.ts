/** Where a bundle goes; secrets by name only. */
export type DeliverySpec = S3Spec | GithubSpec | GithubReleaseSpec | OpensearchSpec;

export interface S3Spec {
  readonly type: 's3';
  readonly bucket: string;
  /** Keys are `<prefix>/<bundle-id>/<path in the bundle>`; without slashes at its ends. */
  readonly prefix: string;
  readonly region: string;
  /** Of a store that is not Amazon's; null for Amazon's. */
  readonly endpoint: string | null;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
}

interface GithubRepository {
  /** `owner/name`; null: the one that the environment names (GITHUB_REPOSITORY). */
  readonly repository: string | null;
  readonly apiUrl: string;
  readonly token: string;
}

/** Code scanning. */
export interface GithubSpec extends GithubRepository {
  readonly type: 'github';
}

/** Assets of the release of the tag that is built. */
export interface GithubReleaseSpec extends GithubRepository {
  readonly type: 'github-release';
}

export interface OpensearchSpec {
  readonly type: 'opensearch';
  readonly url: string;
  readonly index: string;
  readonly username?: string;
  /** Name of the secret that holds the user's password. */
  readonly password?: string;
  /** Name of the secret that holds a bearer token, instead of a user. */
  readonly token?: string;
}

/** Receivers of a message; secrets by name only. */
export type NotificationSpec =
  | {
      readonly type: 'slack';
      /** Name of the secret that holds the webhook's URL. */
      readonly url: string;
      /** Host that the URL must be of. */
      readonly host: string;
      readonly template?: unknown;
    }
  | {
      readonly type: 'webhook';
      readonly url: string;
      /** Name of the secret that signs the body. */
      readonly secret?: string;
      readonly template?: unknown;
    };

interface Receiver {
  /** What its stage is called, for example `deliver:s3-1`. */
  readonly id: string;
  readonly optional: boolean;
  readonly allowPrivate: boolean;
  /** JSON pointer in the manifest. */
  readonly pointer: string;
}

export interface ModelDelivery extends Receiver {
  readonly to: DeliverySpec;
  readonly includePrivacy: boolean;
}

export interface ModelNotification extends Receiver {
  readonly to: NotificationSpec;
  readonly on: 'always' | 'fail';
}
