import { byCodeUnit } from '../core/canonical.ts';
import type { Category } from '../core/category.ts';
import type { Digest } from '../core/ids.ts';
import type { CatalogueEntry } from '../stages/contract/catalogue.ts';
import type { Provider } from '../stages/contract/provider.ts';
import { type MachineView, type ProviderStatus, providerStatus } from './provider-state.ts';

export interface ProviderRow extends ProviderStatus {
  readonly name: string;
  readonly runtime: Provider['runtime'];
  readonly kind: Provider['kind'];
  readonly package: string;
  readonly bin: string;
  /** What the lock pins; `null` where it pins nothing. */
  readonly version: string | null;
  readonly digest: Digest | null;
  readonly packages: number;
  readonly standsInAs: string | null;
  readonly thirdParty: string | null;
}

export interface ToolRow {
  readonly id: string;
  readonly name: string;
  readonly category: Category;
  readonly homepage: string;
  readonly license: string;
  readonly archived: boolean;
  readonly target: string;
  readonly timeoutMs: number;
  /** In order of preference. */
  readonly providers: readonly ProviderRow[];
}

/** What `secplan tools list` prints, by id: the catalogue with its pins and their state on this machine. */
export async function listTools(
  catalogue: ReadonlyMap<string, CatalogueEntry>,
  view: MachineView,
): Promise<readonly ToolRow[]> {
  const entries = [...catalogue.values()].toSorted((a, b) => byCodeUnit(a.id, b.id));
  return Promise.all(entries.map((entry) => describeTool(entry, view)));
}

/** One tool, for `secplan tools show`. */
export async function describeTool(entry: CatalogueEntry, view: MachineView): Promise<ToolRow> {
  return {
    id: entry.id,
    name: entry.tool.name,
    category: entry.category,
    homepage: entry.tool.homepage,
    license: entry.tool.license,
    archived: entry.tool.status === 'archived',
    target: entry.requires.target,
    timeoutMs: entry.timeoutMs,
    providers: await Promise.all(
      entry.providers.map((provider) => describeProvider(entry.id, provider, view)),
    ),
  };
}

async function describeProvider(tool: string, provider: Provider, view: MachineView): Promise<ProviderRow> {
  const locked = provider.kind === 'path' ? undefined : view.lock.tools[tool]?.[provider.name];
  return {
    name: provider.name,
    runtime: provider.runtime,
    kind: provider.kind,
    package: provider.package,
    bin: provider.bin,
    version: locked?.version ?? null,
    digest: locked?.digest ?? null,
    packages: locked?.packages.length ?? 0,
    standsInAs: provider.standsInAs ?? null,
    thirdParty: provider.thirdParty ?? null,
    ...(await providerStatus(tool, provider, view)),
  };
}
