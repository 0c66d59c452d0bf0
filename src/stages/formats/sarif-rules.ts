import { type Severity, severityOfCvss } from '../../core/severity.ts';
import type {
  SarifComponent,
  SarifOverride,
  SarifReference,
  SarifResult,
  SarifRule,
  SarifRun,
} from './sarif-schema.ts';

/** Finds what a reference (SARIF 2.1.0, section 3.52) means. */
export type FindDescriptor = (reference: SarifReference | null | undefined) => SarifRule | undefined;

/** The finder of a run's rules, or of the kinds of its notifications. */
export function descriptorFinder(run: SarifRun, list: 'rules' | 'notifications'): FindDescriptor {
  const { driver } = run.tool;
  const components: readonly SarifComponent[] = [driver, ...(run.tool.extensions ?? [])];
  const tables = new Map<SarifComponent, Map<string, SarifRule>>();
  const tableOf = (component: SarifComponent): Map<string, SarifRule> => {
    const known = tables.get(component);
    if (known !== undefined) return known;
    // Of two with one id the first counts.
    const made = new Map([...(component[list] ?? [])].reverse().map((item) => [item.id, item]));
    tables.set(component, made);
    return made;
  };
  return (reference) => {
    if (!reference) return undefined;
    const { id, guid, index } = reference;
    const named = componentOf(components, run.tool.extensions ?? [], reference.toolComponent);
    const at = index !== null && index !== undefined && index >= 0 ? named?.[list]?.[index] : undefined;
    if (at !== undefined && (!id || isBelow(id, at.id))) return at;
    // Where the index names another than the id does, or nothing, the id decides.
    const places = reference.toolComponent && named !== undefined ? [named] : components;
    for (const component of places) {
      const found =
        (guid ? component[list]?.find((item) => same(item.guid, guid)) : undefined) ??
        idsAbove(id ?? '').flatMap((each) => tableOf(component).get(each) ?? [])[0];
      if (found !== undefined) return found;
    }
    return at;
  };
}

/** Section 3.54: by index into the extensions, by guid, by name; the driver where it names none of them. */
function componentOf(
  components: readonly SarifComponent[],
  extensions: readonly SarifComponent[],
  reference: SarifReference['toolComponent'],
): SarifComponent | undefined {
  const { index, guid, name } = reference ?? {};
  if (index !== null && index !== undefined && index >= 0) return extensions[index];
  if (guid) return components.find((item) => same(item.guid, guid));
  if (name) return components.find((item) => item.name === name);
  return components[0];
}

function same(a: string | null | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}

/** Section 3.27.5: the rule of `CA2101/1` may be listed as `CA2101`. */
function isBelow(id: string, rule: string): boolean {
  return id === rule || id.startsWith(`${rule}/`);
}

function idsAbove(id: string): readonly string[] {
  const parts = id.split('/').slice(0, 20);
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
}

/** Section 3.27.10: the result's own level, what its invocation set for the rule, what the rule has by default, `warning`. */
export function levelFinder(
  run: SarifRun,
  find: FindDescriptor,
): (result: SarifResult, rule: SarifRule | undefined) => string {
  const invocations = (run.invocations ?? []).map((item) => overrides(item.ruleConfigurationOverrides, find));
  return ({ level, provenance }, rule) => {
    const index = provenance?.invocationIndex ?? -1;
    // With one invocation there is no other that a result could come from.
    const of = index >= 0 ? invocations[index] : invocations.length === 1 ? invocations[0] : undefined;
    const set = rule === undefined ? undefined : of?.get(rule);
    return level || set || rule?.defaultConfiguration?.level || 'warning';
  };
}

/** Section 3.51: levels that an invocation set, by what they were set for. */
export function overrides(
  list: readonly SarifOverride[] | null | undefined,
  find: FindDescriptor,
): ReadonlyMap<SarifRule, string> {
  const pairs = (list ?? []).flatMap(({ descriptor, configuration }) => {
    const found = find(descriptor);
    return found === undefined || !configuration.level ? [] : [[found, configuration.level] as const];
  });
  return new Map(pairs);
}

const WORDS: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  moderate: 'medium',
  low: 'low',
  info: 'info',
  informational: 'info',
  none: 'info',
};

/** GitHub's convention, followed by most scanners: `security-severity` is a CVSS score as text, or of some a word. */
export function securitySeverity(
  properties: Readonly<Record<string, unknown>> | null | undefined,
): Severity | undefined {
  const raw = properties?.['security-severity'];
  const text =
    typeof raw === 'number' ? String(raw) : typeof raw === 'string' ? raw.trim().toLowerCase() : '';
  if (Object.hasOwn(WORDS, text)) return WORDS[text];
  const score = Number.parseFloat(text);
  return Number.isFinite(score) && score >= 0 ? severityOfCvss(score) : undefined;
}

/** Of what is said by tags and properties, and of the taxonomy CWE (3.27.8 `taxa`, 3.49.15 `relationships`). Sorted. */
export function weaknessesOf(run: SarifRun, rule: SarifRule | undefined, result: SarifResult): string[] {
  const found = new Set<string>();
  const said = [
    rule?.properties?.tags,
    rule?.properties?.cwe,
    result.properties?.tags,
    result.properties?.cwe,
    rule?.properties?.['problem.cwe'],
  ].flat();
  for (const item of said) {
    if (typeof item !== 'string') continue;
    for (const match of item.matchAll(/cwe-0*(\d{1,5})/gi)) found.add(`CWE-${match[1]}`);
  }
  const related = (rule?.relationships ?? []).flatMap(({ target, kinds }) =>
    kinds?.some((kind) => kind === 'incomparable' || kind === 'disjoint') ? [] : target,
  );
  for (const reference of [...(result.taxa ?? []), ...related]) {
    const id = taxonOf(run, reference);
    if (id !== undefined) found.add(id);
  }
  return [...found].sort();
}

/** `CWE-79` of a reference to the taxonomy CWE; undefined of any other. */
function taxonOf(run: SarifRun, reference: SarifReference): string | undefined {
  const { toolComponent: named, index, guid, id } = reference;
  const all = run.taxonomies ?? [];
  const at = named?.index ?? -1;
  const taxonomy =
    at >= 0
      ? all[at]
      : all.find((item) =>
          named?.guid ? same(item.guid, named.guid) : named?.name && item.name === named.name,
        );
  if (!/^cwe$/i.test(taxonomy?.name ?? named?.name ?? '')) {
    return /^cwe-0*(\d{1,5})$/i.test(id ?? '') ? `CWE-${Number(/\d+/.exec(id ?? '')?.[0])}` : undefined;
  }
  const entry = guid
    ? taxonomy?.taxa?.find((item) => same(item.guid, guid))
    : taxonomy?.taxa?.[index !== null && index !== undefined && index >= 0 ? index : -1];
  const number = /^(?:cwe-)?0*([1-9]\d{0,4})$/i.exec(id ?? entry?.id ?? '')?.[1];
  return number === undefined ? undefined : `CWE-${number}`;
}
