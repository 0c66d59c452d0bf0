import * as z from 'zod';
import { byCodeUnit } from '../../core/canonical.ts';
import type { LicensedComponent } from '../../policy/licenses/license-findings.ts';
import { readJsonReport } from '../../stages/formats/json-report.ts';
import type { SbomSummary } from './summary.ts';

const licenseChoice = z.object({
  expression: z.string().optional(),
  license: z.object({ id: z.string().optional(), name: z.string().optional() }).optional(),
});
const cyclonedx = z.object({
  components: z
    .array(
      z.object({
        type: z.string().optional(),
        name: z.string(),
        version: z.string().optional(),
        purl: z.string().optional(),
        licenses: z.array(licenseChoice).nullish(),
      }),
    )
    .nullish(),
});

export interface LicenseEntry {
  /** SPDX expression or id, the SBOM's own name where it has no SPDX id, `NOASSERTION` where it has none. */
  readonly license: string;
  /** `name@version`, sorted. */
  readonly packages: readonly string[];
}

/** licenses.json */
export interface Licenses {
  readonly schema: 'https://secplan.dev/schema/licenses/v1';
  readonly licenses: readonly LicenseEntry[];
}

/** Components of CycloneDX documents, files left out; one that several documents name is one, with all its licences. */
export function sbomComponents(documents: readonly string[]): readonly LicensedComponent[] {
  const found = new Map<string, { readonly component: LicensedComponent; readonly licenses: Set<string> }>();
  for (const text of documents) {
    const reading = readJsonReport('sbom', text, cyclonedx);
    if (!reading.ok) continue;
    for (const { type, name, version, purl, licenses } of reading.value.components ?? []) {
      if (type === 'file') continue;
      const key = purl ?? `${name}@${version ?? ''}`;
      const known = found.get(key) ?? {
        component: {
          name,
          ...(version === undefined ? {} : { version }),
          ...(purl === undefined ? {} : { purl }),
          licenses: [],
        },
        licenses: new Set(),
      };
      found.set(key, known);
      for (const choice of licenses ?? []) {
        known.licenses.add(choice.expression ?? choice.license?.id ?? choice.license?.name ?? 'NOASSERTION');
      }
    }
  }
  return [...found.values()].map(({ component, licenses }) => ({
    ...component,
    licenses: [...licenses].sort(),
  }));
}

/** Reads CycloneDX documents, already known to be well-formed, into the licence list and the summary's figures. */
export function readSboms(documents: readonly string[]): {
  readonly licenses: Licenses;
  readonly sbom: SbomSummary;
} {
  const packagesByLicense = new Map<string, Set<string>>();
  const packages = new Map<string, { name: string; version: string | null }>();
  for (const text of documents) {
    const reading = readJsonReport('sbom', text, cyclonedx);
    if (!reading.ok) continue;
    for (const component of reading.value.components ?? []) {
      if (component.type === 'file') continue;
      const name =
        component.version === undefined ? component.name : `${component.name}@${component.version}`;
      packages.set(component.purl ?? name, { name: component.name, version: component.version ?? null });
      const choices = (component.licenses ?? []).map(
        (choice) => choice.expression ?? choice.license?.id ?? choice.license?.name,
      );
      for (const license of choices.length === 0 ? ['NOASSERTION'] : choices) {
        const key = license ?? 'NOASSERTION';
        const group = packagesByLicense.get(key) ?? new Set();
        packagesByLicense.set(key, group.add(name));
      }
    }
  }
  const sorted = [...packages.values()].sort(
    (a, b) => byCodeUnit(a.name, b.name) || byCodeUnit(a.version ?? '', b.version ?? ''),
  );
  return {
    licenses: {
      schema: 'https://secplan.dev/schema/licenses/v1',
      licenses: [...packagesByLicense]
        .sort(([a], [b]) => byCodeUnit(a, b))
        .map(([license, names]) => ({ license, packages: [...names].sort(byCodeUnit) })),
    },
    sbom: { count: documents.length, packages: packages.size, top: sorted.slice(0, 10) },
  };
}
