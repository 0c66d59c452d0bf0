import type { OwnPin, Plan } from '../ir/ir.ts';
import { change, type PlanChange } from './change.ts';

/**
 * What changed in the pins that only the workspace's tools.lock.json holds. Whoever names the package decides what runs, so
 * that each is a weakening, with package, version and hash on both sides.
 */
export function diffPins(before: Plan, after: Plan): readonly PlanChange[] {
  const [olds, nows] = [byName(before), byName(after)];
  const changed = [...nows].flatMap(([what, now]): PlanChange[] => {
    const old = olds.get(what) ?? packaged(before, what);
    if (old !== undefined && said(old) === said(now)) return [];
    const instead = old === undefined ? "secplan's own pin" : said(old);
    return [pin(what, `tools.lock.json pins ${what} to ${said(now)} instead of ${instead}`, old, now)];
  });
  const gone = [...olds].flatMap(([what, old]): PlanChange[] => {
    if (nows.has(what)) return [];
    const now = packaged(after, what);
    const instead = now === undefined ? "secplan's own pin holds" : `${said(now)} is pinned`;
    return [pin(what, `tools.lock.json no longer pins ${what} to ${said(old)}: ${instead}`, old, now)];
  });
  return [...changed, ...gone];
}

type Pin = Pick<OwnPin, 'state' | 'package' | 'version' | 'digest'>;

function pin(what: string, text: string, before: Pin | undefined, after: Pin | undefined): PlanChange {
  return change('pin', what, text, { class: 'weakening', before, after });
}

function byName({ ownPins = [] }: Plan): ReadonlyMap<string, OwnPin> {
  return new Map(ownPins.map((one) => [one.what, one]));
}

/** What secplan's own lock pins, as a stage of the plan has it; undefined for what no stage uses. */
function packaged({ stages }: Plan, what: string): Pin | undefined {
  for (const stage of stages) {
    if (!('providers' in stage)) continue;
    for (const { provider, version, digest } of stage.providers) {
      if (`${stage.definition} (${provider.name})` !== what || version === null || digest === null) continue;
      return { state: 'pinned', package: provider.package, version, digest };
    }
  }
  return undefined;
}

function said({ state, package: name, version, digest }: Pin): string {
  return state === 'dropped' ? 'nothing' : `${name} ${version} (${digest})`;
}
