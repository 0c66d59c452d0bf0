import type { Model } from './model.ts';

/**
 * What is asked of a manifest: made once, from flags or from a caller's options, and handed on as it is down to
 * `resolve`. For what is absent the manifest's own value stands, else the built-in one.
 */
export interface PlanRequest {
  /** Relative to the working folder; absent: found as spec section 2 says. */
  readonly manifestPath?: string | undefined;
  /** Folder, relative to the working folder; absent: the manifest's. */
  readonly workspace?: string | undefined;
  /** Default: `light`. */
  readonly profile?: string | undefined;
  readonly runtime?: Model['runtime'] | undefined;
  /** Tools by id: run nothing else. */
  readonly only?: readonly string[] | undefined;
  /** Tools by id: left out. */
  readonly skip?: readonly string[] | undefined;
  /** Leaves out the scanners of the category `privacy`. */
  readonly skipPrivacy?: boolean | undefined;
  /** Budgets in a separate file, JSON or YAML. */
  readonly policy?: string | undefined;
  /** The run fails when the profile's time budget is exceeded. */
  readonly enforceSla?: boolean | undefined;
  /** Ref whose manifest decides what gates, what is granted and which custom tools run. */
  readonly trusted?: string | undefined;
  /** The run fails without a stack, whatever the profile says. */
  readonly requiresStack?: boolean | undefined;
  /** Base URL of a running stack; secplan starts none. */
  readonly stackBaseUrl?: string | undefined;
}
