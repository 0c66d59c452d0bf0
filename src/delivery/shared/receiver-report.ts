import type { DeliverStage, NotifyStage } from '../../planner/ir/ir.ts';

export type ReceiverStage = DeliverStage | NotifyStage;

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
