import type { ModelTool } from '../../compiler/model/model.ts';
import { inOrder } from '../../core/canonical.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { didYouMean as nearest } from '../../core/did-you-mean.ts';
import { type Digest, digest, isDigest } from '../../core/ids.ts';
import { formatImageRef, type ImageRef } from '../../core/image-ref.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { releasePlatforms } from '../../lock/release-files.ts';
import type { CatalogueEntry } from '../../stages/contract/catalogue.ts';
import { isOwnScript } from '../../stages/contract/own-script.ts';
import { isResolvable, type Provider, refusalOf } from '../../stages/contract/provider.ts';
import { providerRank } from '../../stages/contract/provider-order.ts';
import { usableOn } from '../../stages/contract/usable-on.ts';
import type { PlannedProvider } from '../ir/ir.ts';
import { mayStart } from '../ir/may-start.ts';
import { type Draft, type DraftTool, type PlanContext, toolPointer } from './draft.ts';

/**
 * Resolves where each tool can come from against the lock: a third party's package only where the manifest names it,
 * the named provider first and alone of its runtime, then pinned ones, those that are built here last of them, then
 * unpinned ones.
 */
export function applyProviders(draft: Draft, context: PlanContext): Outcome<Draft> {
  const diagnostics: Diagnostic[] = [];
  const resolved = new Map<
    ModelTool,
    { readonly as: unknown; readonly providers: readonly PlannedProvider[] }
  >();
  const tools = draft.tools.map((node) => {
    const { target, inputs } = node.stage;
    // Commands differ by target only where that says more than which files to look at.
    const as = target.details !== undefined || inputs.length > 0 ? node : target.path;
    const known = resolved.get(node.tool);
    if (known !== undefined && known.as === as)
      return { ...node, stage: { ...node.stage, providers: known.providers } };
    const outcome = resolve(node, draft.model.runtime, context);
    // What there is to say of a tool is said once, not for each target.
    if (known === undefined) diagnostics.push(...outcome.diagnostics);
    const providers = outcome.ok ? outcome.value : [];
    resolved.set(node.tool, { as, providers });
    return { ...node, stage: { ...node.stage, providers } };
  });
  return diagnostics.some(({ level }) => level === 'error')
    ? failed(diagnostics)
    : success({ ...draft, tools }, diagnostics);
}

function resolve(
  node: DraftTool,
  runtime: Draft['model']['runtime'],
  context: PlanContext,
): Outcome<readonly PlannedProvider[]> {
  const { tool, entry } = node;
  const declared = tool.image === undefined ? entry.providers : [imageProvider(node, tool.image)];
  const named = declared.find((provider) => provider.name === tool.provider);
  if (tool.provider !== undefined && named === undefined) return failed([unknownProvider(node)]);
  const usable = declared.filter((provider) => {
    if (provider === named) return true;
    if (provider.thirdParty !== undefined) return false;
    // Naming one means that one: another of the same runtime must not stand in for it unasked.
    return provider.runtime !== named?.runtime;
  });
  const planned = usable.map((provider) => plan(node, provider, named, context));
  const rank = ({ provider, digest }: PlannedProvider) =>
    provider === named ? -1 : providerRank(provider, digest !== null);
  const providers = planned.sort((a, b) => rank(a) - rank(b));
  const malicious = planned.find(({ provider, version }) => refusalOf(provider, version) !== undefined);
  if (malicious !== undefined) return failed([maliciousVersion(node, malicious)]);
  const usableHere = providers.filter(({ provider }) => usableOn(provider, runtime));
  // What nothing pins is not fetched: then a program on PATH is used.
  const chosen = usableHere.find((one) => one.provider === named || mayStart(one)) ?? usableHere[0];
  if (chosen === undefined) {
    // One that only a built-in profile asks for stays in the plan and is incomplete, never silently left out.
    return tool.named ? failed([noProvider(node, declared, runtime)]) : success(providers);
  }
  return success(providers, warnings(node, chosen));
}

/** A user's own stage runs in the image that it names: its command there, else the image's own entry point. */
function imageProvider({ stage }: DraftTool, { registry, repository }: ImageRef): Provider {
  const { command } = stage.options;
  const [program = 'entrypoint'] = Array.isArray(command) ? command.map(String) : [];
  const name = formatImageRef({ registry, repository });
  return { name: 'image', runtime: 'dagger', kind: 'image', package: name, bin: program };
}

function plan(
  { tool, command, stage, entry }: DraftTool,
  provider: Provider,
  named: Provider | undefined,
  context: PlanContext,
): PlannedProvider {
  const locked = own(own(context.lock.tools, entry.id), provider.name);
  // What the manifest pins wins over the lock, for the provider that it means: the named one, else any.
  const pins = named === undefined || named === provider;
  const version = (pins ? tool.version : undefined) ?? locked?.version ?? null;
  const agreed = locked !== undefined && locked.version === version ? locked.digest : null;
  const pinned: Digest | null =
    pins && tool.digest !== undefined && isDigest(tool.digest) ? digest(tool.digest) : agreed;
  const steps = command.steps({
    options: stage.options,
    provider,
    args: tool.args,
    target: { ...stage.target, details: stage.target.details ?? {} },
    artifacts: new Set(stage.inputs.map(({ name }) => name)),
  });
  const platforms =
    locked === undefined || pinned !== locked.digest
      ? undefined
      : releasePlatforms(locked, named === provider);
  return {
    ...{ digest: pinned, provider, steps: inOrder(steps), version },
    ...(platforms === undefined ? {} : { platforms }),
  };
}

// The lock is a file: a tool called `constructor` must not find what every object inherits.
function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

function warnings(node: DraftTool, chosen: PlannedProvider): readonly Diagnostic[] {
  const { tool, entry } = node;
  const found: Diagnostic[] = [];
  const pointer = tool.pointer;
  // A user's own command has no package that a lock could pin; its scripts' digests stand in the plan.
  if (chosen.digest === null && tool.image !== undefined) {
    found.push(
      diagnostic('SP3008', `the image of ${tool.id} is not pinned by its digest`, {
        pointer: toolPointer(node, 'image'),
        help: 'Name it as IMAGE@sha256:….',
      }),
    );
  } else if (chosen.digest === null && !entry.userDefined && !isOwnScript(chosen.provider)) {
    const what = chosen.version === null ? tool.id : `${tool.id} ${chosen.version}`;
    found.push(
      diagnostic('SP3008', `${what} from ${chosen.provider.name} is not pinned by tools.lock.json`, {
        pointer,
        help: pinHelp(entry),
      }),
    );
  }
  if (chosen.provider.thirdParty !== undefined) {
    const { package: name, thirdParty } = chosen.provider;
    found.push(
      diagnostic('SP3009', `${tool.id} comes from ${name}, a third-party package: ${thirdParty}`, {
        pointer: toolPointer(node, 'provider'),
      }),
    );
  }
  return found;
}

/** How to pin a tool, where `tools lock` can. */
function pinHelp({ id, providers }: CatalogueEntry): string {
  const provider = providers.find(({ kind, thirdParty }) => isResolvable(kind) && thirdParty === undefined);
  return provider === undefined
    ? 'A program on PATH cannot be pinned; the evidence records its digest.'
    : `\`secplan tools lock ${id}\` pins it.`;
}

function unknownProvider(node: DraftTool): Diagnostic {
  const { tool, entry } = node;
  const allowed = entry.providers.map(({ name }) => name);
  const didYouMean = nearest(tool.provider ?? '', allowed);
  return diagnostic('SP3004', `${tool.id} has no provider ${JSON.stringify(tool.provider)}`, {
    pointer: toolPointer(node, 'provider'),
    value: tool.provider ?? '',
    allowed,
    ...(didYouMean === undefined ? {} : { didYouMean }),
  });
}

function maliciousVersion(node: DraftTool, { provider, version }: PlannedProvider): Diagnostic {
  const { tool, entry } = node;
  return diagnostic(
    'SP4016',
    `${tool.id} ${version} from ${provider.name} is malicious (${refusalOf(provider, version)})`,
    {
      pointer: tool.version === undefined ? tool.pointer : toolPointer(node, 'version'),
      help: `Name another version, or pin one: secplan tools lock ${entry.id}@VERSION.`,
    },
  );
}

function noProvider(node: DraftTool, declared: readonly Provider[], runtime: string): Diagnostic {
  const { tool } = node;
  const third = declared.filter((provider) => provider.thirdParty !== undefined);
  const optIn = third.map(({ name }) => name);
  return diagnostic('SP3004', `${tool.id} has no provider for the ${runtime} runtime`, {
    pointer: tool.pointer,
    allowed: declared.map(({ name, runtime: place }) => `${name} (${place})`),
    ...(optIn.length === 0
      ? {}
      : {
          help: `Third-party packages need an explicit opt-in: set ${toolPointer(node, 'provider')} to ${optIn.join(' or ')}.`,
        }),
  });
}
