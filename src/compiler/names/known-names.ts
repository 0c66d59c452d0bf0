import type { Catalogue } from '../../stages/contract/catalogue.ts';
import type { CustomTool, Manifest, Tool, Tools } from '../manifest.gen.ts';
import { alternatives, type Reporter } from '../source/reporter.ts';
import { BUILT_IN_PROFILES, builtInToolIds } from './profiles.ts';

/** Names that a manifest may refer to. */
export interface KnownNames {
  readonly catalogue: Catalogue;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly custom: ReadonlyMap<string, CustomTool>;
  readonly profiles: ReadonlySet<string>;
  readonly secrets: ReadonlySet<string>;
  /** Tools of built-in profiles that this version does not hold. */
  readonly future: ReadonlySet<string>;
}

export function knownNames(manifest: Manifest, catalogue: Catalogue): KnownNames {
  const { custom, ...tools } = (manifest.tools ?? {}) as Tools & { custom?: Record<string, CustomTool> };
  // The definition behind every custom stage is no scanner that a manifest could name.
  const scanners = new Map([...catalogue].filter(([, { userDefined }]) => userDefined !== true));
  return {
    catalogue: scanners,
    tools: new Map(Object.entries(tools as Record<string, Tool>)),
    custom: new Map(Object.entries(custom ?? {})),
    profiles: new Set([...BUILT_IN_PROFILES.keys(), ...Object.keys(manifest.profiles ?? {})]),
    secrets: new Set(Object.keys(manifest.secrets ?? {})),
    future: new Set([...builtInToolIds()].filter((id) => !catalogue.has(id))),
  };
}

export function isKnownTool(id: string, names: KnownNames): boolean {
  return names.catalogue.has(id) || names.custom.has(id);
}

/**
 * Reports a tool that is not there (SP2006). Taking away what is not there yet is no error: `mayBeFuture`.
 * @returns whether the tool can be used
 */
export function checkTool(
  id: string,
  pointer: string,
  { names, out }: { readonly names: KnownNames; readonly out: Reporter },
  use: { readonly key?: boolean; readonly usage?: boolean; readonly mayBeFuture?: boolean } = {},
): boolean {
  if (isKnownTool(id, names)) return true;
  const future = names.future.has(id);
  if (future && use.mayBeFuture) return false;
  const report: Reporter['report'] = use.usage
    ? (code, _pointer, summary, details) => out.reportUsage(code, summary, details)
    : use.key
      ? out.reportKey
      : out.report;
  if (future) {
    report('SP2006', pointer, `tool ${JSON.stringify(id)} is not implemented in this version of secplan`, {
      value: id,
    });
  } else {
    const known = [...names.catalogue.keys(), ...names.custom.keys()];
    report('SP2006', pointer, `unknown tool ${JSON.stringify(id)}`, {
      ...alternatives(id, known),
      help: '`secplan tools list` prints all ids.',
    });
  }
  return false;
}

/** Reports a secret that `secrets` does not declare (SP2013). What stands there may be a literal: it is not repeated. */
export function checkSecret(name: string, pointer: string, names: KnownNames, out: Reporter): void {
  if (names.secrets.has(name)) return;
  const { didYouMean, allowed } = alternatives(name, names.secrets);
  out.report('SP2013', pointer, 'this secret is not declared under `secrets`', {
    ...(allowed ? { allowed } : {}),
    ...(didYouMean === undefined ? {} : { didYouMean }),
    help: 'Declare it as env:NAME, file:PATH or dotenv:NAME.',
  });
}
