import type { Json } from '../../core/canonical.ts';

/** Whether a change makes scanning find more, as much, or less. One that cannot be judged counts as weakening. */
export type ChangeClass = 'strengthening' | 'neutral' | 'weakening';

/** What kind of thing changed; the class says in which direction. */
export type ChangeKind =
  | 'scanner'
  | 'budget'
  | 'waiver'
  | 'baseline'
  | 'vex'
  | 'license'
  | 'exploited'
  | 'path'
  | 'timeout'
  | 'network'
  | 'secret'
  | 'pin'
  | 'provider'
  | 'version'
  | 'on-incomplete'
  | 'unexamined'
  | 'coverage'
  | 'sla'
  | 'sandbox'
  | 'evidence'
  | 'delivery'
  | 'cache'
  | 'script'
  | 'service'
  | 'definition'
  | 'options'
  | 'command'
  | 'notChecked'
  | 'severity-map'
  | 'resources'
  | 'order'
  | 'description'
  | 'other';

/** One difference between two plans. */
export interface PlanChange {
  readonly kind: ChangeKind;
  readonly class: ChangeClass;
  /** A stage id, or the part of the plan: `policy`, `source`, `plan`. */
  readonly subject: string;
  /** One sentence in plain words, without a full stop. */
  readonly text: string;
  readonly before?: Json;
  readonly after?: Json;
}

/** Makes a change; members that are not there on one side are left out. */
export function change(
  kind: ChangeKind,
  subject: string,
  text: string,
  how: { readonly class: ChangeClass; readonly before?: unknown; readonly after?: unknown },
): PlanChange {
  const { before, after } = how as { before?: Json; after?: Json };
  return {
    kind,
    class: how.class,
    subject,
    text,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}

/** What only one of two lists holds, in the order of that list. */
export function listDifference(before: readonly string[], after: readonly string[]) {
  const [old, now] = [new Set(before), new Set(after)];
  return {
    added: [...now].filter((item) => !old.has(item)),
    removed: [...old].filter((item) => !now.has(item)),
  };
}
