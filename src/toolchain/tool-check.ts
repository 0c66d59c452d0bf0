import type { PlannedProvider } from '../planner/ir/ir.ts';
import { usableOn } from '../stages/contract/usable-on.ts';
import { type MachineView, type ProviderStatus, providerStatus } from './provider-state.ts';
import { type ToolPlace, usableProviders } from './provision.ts';
import { type DeclaredTools, waysOut } from './ways-out.ts';

/** Whether a planned tool is available on this machine. */
export interface ToolCheck {
  readonly ok: boolean;
  /** For example `installable from release: 0.74.0, not installed yet`. */
  readonly detail: string;
  /** Every way out that this machine has; empty when all is well. */
  readonly fix: string;
}

interface PlannedTool {
  readonly definition: string;
  readonly providers: readonly PlannedProvider[];
}

/** Looks where a planned tool would come from, by the same choice as at run time. Fetches and installs nothing. */
export async function checkTool(
  stage: PlannedTool,
  view: MachineView & DeclaredTools,
  place: ToolPlace = { runtime: 'local', packages: true },
): Promise<ToolCheck> {
  const { definition } = stage;
  const usable = usableProviders(stage, place);
  const any = stage.providers.filter(({ provider }) => usableOn(provider, place.runtime)).slice(0, 1);
  const looked = await Promise.all(
    (usable.length === 0 ? any : usable).map(async ({ provider }) => ({
      provider,
      status: await providerStatus(definition, provider, view),
    })),
  );
  const chosen =
    looked.find(({ status }) => status.state === 'installed' || status.state === 'changed') ??
    looked.find(({ status }) => isAvailable(status)) ??
    looked[0];
  const ways = waysOut(definition, view.entryOf?.(definition), {
    lock: view.lock,
    tried: usable.map(({ provider }) => provider.name),
  });
  if (chosen === undefined) {
    return {
      ok: false,
      detail: `no ${place.runtime} provider`,
      fix: ways === '' ? 'Use the dagger runtime.' : ways,
    };
  }
  const { provider, status } = chosen;
  const third = provider.thirdParty === undefined ? '' : `, packaged by ${provider.thirdParty}`;
  const detail = `${status.state} from ${provider.name}: ${status.detail}${third}`;
  if (isAvailable(status)) return { ok: true, detail, fix: '' };
  // What was changed is installed again; no other provider stands in for it.
  const fix =
    status.state === 'changed' ? status.fix : [status.fix, ways].filter((text) => text !== '').join(' ');
  return { ok: false, detail, fix };
}

/** Whether a run could use it, as far as one can see without fetching it. */
export function isAvailable({ state }: Pick<ProviderStatus, 'state'>): boolean {
  return state === 'installed' || state === 'installable' || state === 'on-path';
}
