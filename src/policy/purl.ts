import { readPurl } from '../stages/formats/read-purl.ts';

/**
 * Whether a package is one that a statement speaks of: the same type, namespace and name; the same version and the same
 * qualifiers where the statement names some. Neither text needs be a package URL; one that is none matches nothing.
 */
export function purlMatches(statement: string, found: string): boolean {
  const [wanted, actual] = [readPurl(statement), readPurl(found)];
  if (wanted === undefined || actual === undefined) return false;
  if (wanted.type !== actual.type || wanted.namespace !== actual.namespace || wanted.name !== actual.name)
    return false;
  if (wanted.version !== undefined && wanted.version !== actual.version) return false;
  return [...wanted.qualifiers].every(([name, value]) => actual.qualifiers.get(name) === value);
}
