/** The parts of a package URL that tell packages apart. */
interface Purl {
  /** `type/namespace/name`, decoded; in lower case where the type has no case. */
  readonly name: string;
  readonly version: string | undefined;
  readonly qualifiers: ReadonlyMap<string, string>;
}

/** Types whose names have no case (purl-spec, PURL-TYPES). */
const CASELESS: ReadonlySet<string> = new Set(['pypi', 'github', 'bitbucket', 'deb', 'composer', 'oci']);

/**
 * Whether a package is one that a statement speaks of: the same type, namespace and name; the same version and the same
 * qualifiers where the statement names some. Neither text needs be a package URL; one that is none matches nothing.
 */
export function purlMatches(statement: string, found: string): boolean {
  const [wanted, actual] = [parsePurl(statement), parsePurl(found)];
  if (wanted === undefined || actual === undefined || wanted.name !== actual.name) return false;
  if (wanted.version !== undefined && wanted.version !== actual.version) return false;
  return [...wanted.qualifiers].every(([name, value]) => actual.qualifiers.get(name) === value);
}

function parsePurl(text: string): Purl | undefined {
  if (!text.startsWith('pkg:')) return undefined;
  const [body = '', query = ''] = (text.slice('pkg:'.length).split('#', 1)[0] ?? '').split('?');
  const path = body.replace(/^\/+/, '');
  const at = path.lastIndexOf('@');
  const versioned = at > path.lastIndexOf('/');
  const [rawName, version] = versioned ? [path.slice(0, at), path.slice(at + 1)] : [path, undefined];
  const type = (rawName.split('/', 1)[0] ?? '').toLowerCase();
  const rest = decoded(rawName.slice(type.length + 1));
  if (type === '' || rest === '') return undefined;
  const name = CASELESS.has(type) ? rest.toLowerCase() : rest;
  return {
    name: `${type}/${type === 'pypi' ? name.replaceAll('_', '-') : name}`,
    version: version === undefined ? undefined : decoded(version),
    qualifiers: new Map(
      query
        .split('&')
        .filter((pair) => pair.includes('='))
        .map((pair) => [pair.slice(0, pair.indexOf('=')), decoded(pair.slice(pair.indexOf('=') + 1))]),
    ),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
