import type { S3Spec } from './delivery-model.ts';

/** Where machines share results of stages; secrets by name only. */
export type RemoteStoreSpec =
  | S3Spec
  | {
      readonly type: 'http';
      /** Without a slash at its end. */
      readonly url: string;
      /** Name of the secret that is sent as a bearer token. */
      readonly token?: string;
    }
  | { readonly type: 'folder' /** Absolute. */; readonly path: string };

export interface RemoteCacheSpec {
  readonly store: RemoteStoreSpec;
  /** Names of the secrets with the private key and its password; null: it is only read. */
  readonly sign: { readonly key: string; readonly password?: string } | null;
  /** Public keys whose entries are taken besides the signer's own: SPKI in DER, in base64. Sorted. */
  readonly trust: readonly string[];
  readonly readOnly: boolean;
  /** How long one stage's result, and all that is left at the end, is waited for. */
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
  readonly includePrivacy: boolean;
}
