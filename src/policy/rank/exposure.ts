/** What kind of file a finding lies in, as far as its path shows. */
export type Exposure = 'product' | 'test' | 'example' | 'documentation' | 'vendored' | 'generated';

interface Kind {
  readonly exposure: Exclude<Exposure, 'product'>;
  /** Folders, compared in lower case. */
  readonly folders: ReadonlySet<string>;
  /** Matched against the file's own name in lower case. */
  readonly name: RegExp;
}

/** In this order: a test of a vendored package is vendored. */
const KINDS: readonly Kind[] = [
  {
    exposure: 'vendored',
    folders: new Set([
      'vendor',
      'vendored',
      'third_party',
      'third-party',
      'thirdparty',
      'node_modules',
      'site-packages',
      'bower_components',
      'external',
    ]),
    name: /^(?!)/,
  },
  {
    exposure: 'generated',
    folders: new Set(['dist', 'generated', '__generated__', 'build', 'out', 'target']),
    name: /\.min\.(js|css|mjs)$|[._-]gen(erated)?\.[a-z]+$|\.pb\.go$|_pb2(_grpc)?\.py$|\.bundle\.js$|\.map$/,
  },
  {
    exposure: 'test',
    folders: new Set([
      'test',
      'tests',
      '__tests__',
      'testdata',
      'spec',
      'specs',
      'e2e',
      'fixtures',
      '__fixtures__',
      '__mocks__',
      'mocks',
      'testing',
    ]),
    name: /^test_.*\.py$|_test\.[a-z]+$|[._-](test|spec)\.[a-z]+$|^conftest\.py$|tests?\.(java|cs|kt)$/,
  },
  {
    exposure: 'example',
    folders: new Set([
      'example',
      'examples',
      'sample',
      'samples',
      'demo',
      'demos',
      'tutorial',
      'tutorials',
      'benchmark',
      'benchmarks',
      'bench',
    ]),
    name: /[._-](example|sample)(\.[a-z]+)?$|^\.env\.(example|sample)$/,
  },
  {
    exposure: 'documentation',
    folders: new Set(['doc', 'docs', 'documentation', 'site', 'website']),
    name: /\.(md|mdx|rst|adoc|txt)$|^(readme|changelog|license)(\.|$)/,
  },
];

/** By folders and names that projects of many languages use; a path that shows nothing is the product's own code. */
export function exposureOf(path: string | undefined): Exposure {
  if (path === undefined) return 'product';
  const parts = path.toLowerCase().split('/');
  const name = parts.pop() ?? '';
  const kind = KINDS.find(
    ({ folders, name: pattern }) => parts.some((part) => folders.has(part)) || pattern.test(name),
  );
  return kind?.exposure ?? 'product';
}
