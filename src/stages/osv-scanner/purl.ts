/** OSV's ecosystems to the types of package URLs. */
const TYPES: Readonly<Record<string, string>> = {
  PyPI: 'pypi',
  npm: 'npm',
  Go: 'golang',
  'crates.io': 'cargo',
  Maven: 'maven',
  NuGet: 'nuget',
  Packagist: 'composer',
  RubyGems: 'gem',
  Hex: 'hex',
  Pub: 'pub',
  CRAN: 'cran',
  ConanCenter: 'conan',
  Hackage: 'hackage',
};

/** The package URL of a package as OSV names it; undefined for ecosystems without a type. */
export function purlOf(ecosystem: string, name: string, version: string | undefined): string | undefined {
  // Linux distributions carry a release: `Debian:12`.
  const type = Object.hasOwn(TYPES, ecosystem) ? TYPES[ecosystem] : undefined;
  if (type === undefined || name === '') return undefined;
  const plain = type === 'pypi' ? name.toLowerCase().replace(/[._-]+/g, '-') : name;
  const path = (type === 'maven' ? plain.replace(':', '/') : plain)
    .split('/')
    .map(encodeURIComponent)
    .join('/');
  // Go's versions begin with a v, which OSV leaves out.
  const written = type === 'golang' && version && /^\d/.test(version) ? `v${version}` : version;
  return `pkg:${type}/${path}${written ? `@${encodeURIComponent(written)}` : ''}`;
}
