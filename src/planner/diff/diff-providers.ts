import { canonicalJson } from '../../core/canonical.ts';
import type { PlannedProvider, ToolStage } from '../ir/ir.ts';
import { change, type PlanChange } from './change.ts';

/** What changed in where a scanner comes from, at which version, how it is pinned and how it is called. */
export function diffProviders(before: ToolStage, after: ToolStage): readonly PlanChange[] {
  const olds = new Map(before.providers.map((planned) => [planned.provider.name, planned]));
  const nows = new Map(after.providers.map((planned) => [planned.provider.name, planned]));
  const changes: PlanChange[] = [];
  for (const [name, now] of nows) {
    const old = olds.get(name);
    changes.push(...(old === undefined ? added(after, now) : same(before, after, old, now)));
  }
  for (const [name, old] of olds) {
    if (nows.has(name)) continue;
    const gone = after.providers.length === 0;
    const text = `${after.id} no longer comes from ${name}${gone ? ', and has no other provider' : ''}`;
    const pinLost = old.digest !== null && after.providers.every(({ digest }) => digest === null);
    const direction =
      gone || pinLost ? 'weakening' : old.provider.thirdParty === undefined ? 'neutral' : 'strengthening';
    changes.push(change('provider', after.id, text, { class: direction }));
  }
  const order = ({ providers }: ToolStage) => providers.map(({ provider }) => provider.name).join(', ');
  if (changes.length === 0 && order(before) !== order(after)) {
    changes.push(
      change('provider', after.id, `${after.id} now prefers providers in the order ${order(after)}`, {
        class: 'neutral',
      }),
    );
  }
  return changes;
}

function added({ id }: ToolStage, { provider, digest }: PlannedProvider): readonly PlanChange[] {
  const by = provider.thirdParty === undefined ? '' : `, a third-party package (${provider.thirdParty})`;
  const unpinned = digest === null && provider.kind !== 'path' ? ', unpinned' : '';
  const weak = provider.thirdParty !== undefined || unpinned !== '' || provider.kind === 'path';
  return [
    change('provider', id, `${id} may now come from ${provider.name}${by}${unpinned}`, {
      class: weak ? 'weakening' : 'neutral',
    }),
  ];
}

function same(
  before: ToolStage,
  after: ToolStage,
  old: PlannedProvider,
  now: PlannedProvider,
): readonly PlanChange[] {
  const { id } = after;
  const { name } = now.provider;
  const changes: PlanChange[] = [];
  const sides = { before: old.digest, after: now.digest };
  if (old.version !== now.version) {
    const text = `${id} from ${name} changes from version ${old.version ?? 'unknown'} to ${now.version ?? 'unknown'}`;
    changes.push(change('version', id, text, { class: 'neutral', before: old.version, after: now.version }));
  }
  if (old.digest !== null && now.digest === null) {
    changes.push(
      change('pin', id, `${id} from ${name} is no longer pinned by a digest`, {
        class: 'weakening',
        ...sides,
      }),
    );
  } else if (old.digest === null && now.digest !== null) {
    changes.push(
      change('pin', id, `${id} from ${name} is now pinned by a digest`, { class: 'strengthening', ...sides }),
    );
  } else if (old.digest !== now.digest && old.version === now.version) {
    // The same version with other bytes is what a swapped package looks like.
    const text = `${id} from ${name} is pinned to different content of the same version`;
    changes.push(change('pin', id, text, { class: 'weakening', ...sides }));
  }
  if (canonicalJson(old.provider) !== canonicalJson(now.provider)) {
    changes.push(
      change('provider', id, `${name} of ${id} now names another package`, { class: 'weakening' }),
    );
  }
  const options = canonicalJson(before.options) === canonicalJson(after.options);
  if (options && canonicalJson(old.steps) !== canonicalJson(now.steps)) {
    const upgraded = before.definitionDigest !== after.definitionDigest;
    const text = `${id} from ${name} is started with other arguments${upgraded ? ', as its definition changed' : ''}`;
    changes.push(
      change('command', id, text, {
        class: upgraded ? 'neutral' : 'weakening',
        before: old.steps,
        after: now.steps,
      }),
    );
  }
  return changes;
}
