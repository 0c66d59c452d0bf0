import { PackageURL } from 'packageurl-js';

/** A package URL, decoded; type, namespace and name as the type's own rules write them (purl-spec, PURL-TYPES). */
export interface Purl {
  readonly type: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly version: string | undefined;
  readonly qualifiers: ReadonlyMap<string, string>;
}

/** Reads a package URL (ECMA-427); undefined for a text that is none, or that its type does not allow. */
export function readPurl(text: string): Purl | undefined {
  if (!text.startsWith('pkg:')) return undefined;
  try {
    const { type, namespace, name, version, qualifiers } = PackageURL.fromString(text);
    return {
      type: type ?? '',
      namespace: namespace || undefined,
      name: name ?? '',
      version: version || undefined,
      qualifiers: new Map(Object.entries(qualifiers ?? {})),
    };
  } catch {
    return undefined;
  }
}
