import { type Purl, readPurl } from '../stages/formats/read-purl.ts';

/** `maybe` where a statement asks for something that the package found does not tell. */
export type Match = 'yes' | 'maybe' | 'no';

/**
 * Whether a package is one that a statement speaks of: the same type, namespace and name; the same version and the same
 * qualifiers where the statement names some. Neither text needs be a package URL; one that is none matches nothing.
 */
export function matchPurl(statement: string, found: string): Match {
  const [wanted, actual] = [readPurl(statement), readPurl(found)];
  if (wanted === undefined || actual === undefined) return 'no';
  if (wanted.type !== actual.type || wanted.namespace !== actual.namespace || wanted.name !== actual.name)
    return 'no';
  const asked: (readonly [string, string | undefined])[] = [...wanted.qualifiers].map(([name, value]) => [
    value,
    actual.qualifiers.get(name),
  ]);
  const version = versionOf(wanted);
  if (version !== undefined) asked.push([version, versionOf(actual)]);
  if (asked.some(([value, other]) => other !== undefined && other !== value)) return 'no';
  return asked.some(([, other]) => other === undefined) ? 'maybe' : 'yes';
}

/** `matchPurl` where only certainty counts. */
export function purlMatches(statement: string, found: string): boolean {
  return matchPurl(statement, found) === 'yes';
}

/** Go's versions have a `v` that some tools leave out. */
export function versionOf({ type, version }: Purl): string | undefined {
  return type === 'golang' ? version?.replace(/^v(?=\d)/, '') : version;
}
