import type { Provider } from '../../contract/provider.ts';
import type { Selection } from '../../contract/requirements.ts';
import type { ToolInfo } from '../../contract/tool-info.ts';

/** What CodeQL's two stages, the database and its analysis, have in common. */
export const CODEQL: ToolInfo = {
  name: 'CodeQL',
  homepage: 'https://codeql.github.com/',
  // Free for open-source code; other code needs a licence of GitHub's.
  license: 'LicenseRef-GitHub-CodeQL-Terms',
  status: 'active',
};

export const CODEQL_PROVIDERS: readonly Provider[] = [
  { name: 'release', runtime: 'local', kind: 'release', package: 'github/codeql-action', bin: 'codeql' },
  { name: 'path', runtime: 'local', kind: 'path', package: 'codeql', bin: 'codeql' },
  {
    name: 'image',
    runtime: 'dagger',
    kind: 'image',
    package: 'mcr.microsoft.com/cstsectools/codeql-container',
    bin: 'codeql',
  },
];

/** Code of the languages that it reads without a build. A codeql-config.yml, which could leave queries out, is not among it. */
export const CODEQL_SELECTION: Selection = {
  include: [
    '**/*.{py,js,jsx,mjs,cjs,ts,tsx,vue,rb,erb,java,kt,kts,cs,rs,c,cc,cpp,cxx,h,hh,hpp}',
    '**/{package.json,pyproject.toml,requirements.txt,Gemfile,Cargo.toml,pom.xml,build.gradle}',
    '**/*.{csproj,sln}',
    '.github/workflows/**',
  ],
  exclude: ['**/node_modules/**', '**/vendor/**'],
};
