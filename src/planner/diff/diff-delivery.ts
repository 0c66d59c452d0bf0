import { canonicalJson } from '../../core/canonical.ts';
import type { DeliverStage, NotifyStage, Plan } from '../ir/ir.ts';
import { change, type PlanChange } from './change.ts';

type Receiver = DeliverStage | NotifyStage;

/**
 * What changed in who is given a bundle or told of it. Scanning stays as it is, so a new receiver is neutral and a lost
 * one is not: nobody learns of the findings. New places that data goes to, and secrets, are reported as such.
 */
export function diffDelivery(before: Plan, after: Plan): readonly PlanChange[] {
  const [olds, nows] = [receivers(before), receivers(after)];
  const changes: PlanChange[] = [];
  for (const [where, old] of olds) {
    const now = nows.get(where);
    if (now !== undefined) changes.push(...changed(where, old, now));
    else
      changes.push(change('delivery', old.id, `${where} is no longer ${verb(old)}`, { class: 'weakening' }));
  }
  for (const [where, now] of nows) {
    if (olds.has(where)) continue;
    changes.push(
      change('delivery', now.id, `${where} is ${verb(now)}`, { class: 'neutral', after: now.network }),
    );
    changes.push(...grants(where, undefined, now));
  }
  return changes;
}

function changed(where: string, old: Receiver, now: Receiver): readonly PlanChange[] {
  const changes = [...grants(where, old, now)];
  const add = (direction: PlanChange['class'], text: string) =>
    changes.push(change('delivery', now.id, `${where}: ${text}`, { class: direction }));
  if (!old.optional && now.optional) add('weakening', 'a failure of the delivery no longer counts');
  if (old.optional && !now.optional) add('strengthening', 'a failure of the delivery counts');
  if (old.kind === 'notify' && now.kind === 'notify' && old.on !== now.on)
    add(
      now.on === 'fail' ? 'weakening' : 'strengthening',
      `notified ${now.on === 'fail' ? 'only of failures' : 'always'}`,
    );
  if (canonicalJson(old.to) !== canonicalJson(now.to)) {
    const sides = { before: old.to, after: now.to };
    changes.push(
      change('delivery', now.id, `${where} is ${verb(now)} with other settings`, {
        class: 'weakening',
        ...sides,
      }),
    );
  }
  return changes;
}

/** What a receiver may see or reach that it could not before. */
function grants(where: string, old: Receiver | undefined, now: Receiver): readonly PlanChange[] {
  const opened = (flag: boolean | undefined, was: boolean | undefined, text: string): PlanChange[] =>
    flag && !was ? [change('delivery', now.id, `${where} ${text}`, { class: 'weakening' })] : [];
  const privacy = (stage: Receiver | undefined) => stage?.kind === 'deliver' && stage.includePrivacy;
  return [
    ...opened(now.allowPrivate, old?.allowPrivate, 'may be in a private network and use plain http'),
    ...opened(privacy(now), privacy(old), 'gets reports about personal data'),
  ];
}

function verb({ kind }: Receiver): string {
  return kind === 'deliver' ? 'given the bundle' : 'told of the run';
}

/** By what they are, not by their place in a list; two that are the same go by their stage. */
function receivers({ stages }: Plan): ReadonlyMap<string, Receiver> {
  const found = new Map<string, Receiver>();
  for (const stage of stages) {
    if (stage.kind !== 'deliver' && stage.kind !== 'notify') continue;
    const name = nameOf(stage);
    found.set(found.has(name) ? `${name} (${stage.id})` : name, stage);
  }
  return found;
}

function nameOf({ to }: Receiver): string {
  switch (to.type) {
    case 's3':
      return `the bucket ${to.bucket}${to.endpoint === null ? '' : ` of ${new URL(to.endpoint).host}`}`;
    case 'github':
      return `GitHub ${to.repository ?? 'of the environment'}`;
    case 'github-release':
      return `releases of GitHub ${to.repository ?? 'of the environment'}`;
    case 'opensearch':
      return `the index ${to.index} of ${new URL(to.url).host}`;
    case 'slack':
      return `Slack by ${to.url}`;
    case 'webhook':
      return `the webhook ${new URL(to.url).host}`;
  }
}
