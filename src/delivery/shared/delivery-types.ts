import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import type { HttpClient } from '../../io/http/http-client.ts';
import type { Patience } from '../../io/http/with-retries.ts';
import type { DeliverStage, NotifyStage } from '../../planner/ir/ir.ts';
import type { BundleFiles } from './bundle-files.ts';
import type { LogLine } from './delivery-log.ts';

export type ReceiverStage = DeliverStage | NotifyStage;

/** What is known of the commit that was scanned. */
export interface GitFacts {
  readonly sha: string | null;
  /** `refs/heads/…`, `refs/tags/…`, `refs/pull/…`; null where nothing says. */
  readonly ref: string | null;
  /** `owner/name` that the environment names. */
  readonly repository: string | null;
  /** Tags that the bundle may be of, by name: one where it is known which is built. */
  readonly tags: readonly string[];
}

/** What a receiver works with. */
export interface DeliveryContext extends Patience {
  readonly bundle: BundleFiles;
  readonly bundleId: string;
  readonly http: HttpClient;
  /** Values by name, of the stage's own secrets. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly redactor: PublishRedactor;
  readonly git: GitFacts;
  /** What the log holds of this very receiver, oldest first. */
  readonly before: readonly LogLine[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  log(line: Omit<LogLine, 'target' | 'to'>): void;
}

/** What came of one receiver. */
export interface Delivered {
  /** In words: `12 files to s3://…`. */
  readonly detail: string;
  /** Where people find it. */
  readonly links: readonly { readonly name: string; readonly url: string }[];
  /** Limits of the receiver that take something away. */
  readonly limits: readonly string[];
}

export type ReceiverState =
  | ({ readonly state: 'delivered' } & Delivered)
  | { readonly state: 'failed'; readonly detail: string }
  | { readonly state: 'skipped'; readonly why: SkipReason; readonly detail: string };

/** `not-asked`: told of failures only; `nothing`: there is nothing for it in this run. */
export type SkipReason = 'offline' | 'secrets' | 'not-asked' | 'nothing';

export type ReceiverReport = {
  readonly id: string;
  readonly kind: ReceiverStage['kind'];
  /** For people: `s3 reports`, `slack`. */
  readonly name: string;
  readonly optional: boolean;
} & ReceiverState;
