import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// `node scripts/languages.ts FOLDER` writes src/core/languages/language-table.ts from an unpacked linguist-languages
// (`npm pack linguist-languages`). The package is no dependency: 4 kB of its 4 MB are needed.

interface Language {
  readonly name: string;
  readonly extensions?: readonly string[];
  readonly filenames?: readonly string[];
  readonly interpreters?: readonly string[];
}

type Signs = 'extensions' | 'filenames' | 'interpreters';

/**
 * Languages that people write products in. Linguist knows 500 more, whose endings mostly stand for something else (.sig, .res,
 * .msg), and recipes and configuration (Makefile, Nix), in which nobody looks for flaws. Of two that share an ending, the
 * one that stands first here has it: .h is C's.
 */
const LISTED = [
  ...[
    'Python',
    'JavaScript',
    'TypeScript',
    'Java',
    'C',
    'C++',
    'C#',
    'Go',
    'PHP',
    'Ruby',
    'Rust',
    'Kotlin',
    'Swift',
  ],
  ...[
    'Scala',
    'Objective-C',
    'Objective-C++',
    'Perl',
    'Shell',
    'PowerShell',
    'Batchfile',
    'SQL',
    'PLSQL',
    'PLpgSQL',
  ],
  ...[
    'Lua',
    'Elixir',
    'Erlang',
    'Haskell',
    'Groovy',
    'Dart',
    'R',
    'Julia',
    'Clojure',
    'Visual Basic .NET',
    'F#',
  ],
  ...[
    'OCaml',
    'Common Lisp',
    'Emacs Lisp',
    'Scheme',
    'Racket',
    'Ada',
    'ABAP',
    'Apex',
    'Astro',
    'COBOL',
    'ColdFusion',
  ],
  ...[
    'Crystal',
    'Cuda',
    'Cython',
    'Elm',
    'Fortran',
    'Hack',
    'Java Server Pages',
    'Jupyter Notebook',
    'Move',
    'Nim',
  ],
  ...[
    'Pascal',
    'Puppet',
    'Solidity',
    'Svelte',
    'Tcl',
    'VBScript',
    'Vala',
    'Vue',
    'Vyper',
    'Zig',
    'ASP.NET',
    'ERB',
  ],
  ...['Bicep', 'Dockerfile', 'Terraform'],
];

/** Infrastructure scanners read them in the first place. */
const INFRASTRUCTURE: ReadonlySet<string> = new Set(['Bicep', 'Dockerfile', 'Terraform']);

/** Names that people know better, and languages that one reader reads alike. */
const NAMES: Readonly<Record<string, string>> = { 'HTML+ERB': 'ERB', TSX: 'TypeScript', HCL: 'Terraform' };

/** Endings and names that mostly stand for something else: keys, pictures, settings of a shell, what a build leaves. */
const NO_SIGN: ReadonlySet<string> = new Set(
  '.p8 .t .tab .al .cgi .fcgi .inc .spec .builder .eye .gs .pac .cl .sexp .lsp .as .lpr .res .app .module .sc .rd .i .re .ph .frm .cp .x .aw .tac .god .bones .cake .DEPS DEPS .luacheckrc mix.lock rebar.lock rebar.config.lock .flaskenv .login login man profile gradlew mvnw gradlew.bat mvnw.cmd Notebook starfield owh 9fs'.split(
    ' ',
  ),
);

/** Endings that Linguist shares with prose or data, and that are code nearly always. */
const CODE_NEARLY_ALWAYS: ReadonlySet<string> = new Set(['.pm', '.rs', '.ts', '.r', '.pp', '.ml', '.sql']);

async function read(folder: string): Promise<readonly Language[]> {
  const files = readdirSync(join(folder, 'data')).filter((name) => name.endsWith('.js'));
  const modules = await Promise.all(
    files.map(
      (name) => import(pathToFileURL(join(folder, 'data', name)).href) as Promise<{ default: Language }>,
    ),
  );
  // HCL is also what Nomad, Packer and lock files are written in: only what Terraform reads is counted.
  return modules.map(({ default: found }) =>
    found.name === 'HCL' ? { name: 'HCL', extensions: ['.tf', '.tofu', '.tfvars'] } : found,
  );
}

const folder = process.argv[2] ?? '';
const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
const all = await read(folder);
const nameOf = ({ name }: Language): string => NAMES[name] ?? name;

function ownerOf(sign: string, kind: Signs): string | undefined {
  const owners = all.filter((language) => language[kind]?.includes(sign));
  const name = LISTED.find((listed) => owners.some((owner) => nameOf(owner) === listed));
  const first = owners.some((owner) => nameOf(owner) === name && owner[kind]?.[0] === sign);
  const shared = owners.some((owner) => !LISTED.includes(nameOf(owner)));
  return shared && !first && !CODE_NEARLY_ALWAYS.has(sign) ? undefined : name;
}

function signsOf(name: string, kind: Signs): string {
  const signs = all
    .filter((language) => nameOf(language) === name)
    .flatMap((language) => language[kind] ?? []);
  // Settings that a shell reads at its start are no product's code.
  if (kind === 'filenames' && name === 'Shell') return '';
  return [...new Set(signs)]
    .filter(
      (sign) =>
        !NO_SIGN.has(sign) &&
        !/[\s|]/.test(sign) &&
        !sign.slice(1).includes('.') &&
        ownerOf(sign, kind) === name,
    )
    .map((sign) => (kind === 'extensions' ? sign.toLowerCase() : sign))
    .join(' ');
}

const rows = [...LISTED].sort().map((name) => {
  const signs = (['extensions', 'filenames', 'interpreters'] as const).map((kind) => signsOf(name, kind));
  if (signs.every((sign) => sign === '')) throw new Error(`no sign of ${name} is left`);
  return [name, INFRASTRUCTURE.has(name) ? 'iac' : 'sast', ...signs].join('|');
});
writeFileSync(
  new URL('../src/core/languages/language-table.ts', import.meta.url),
  `// Written by scripts/languages.ts from linguist-languages ${version}, which holds the data of GitHub Linguist (MIT; see NOTICE).
/** A row a language: its name, the category that looks at it first, endings in lower case (the usual one first), whole names, interpreters. */
export const LANGUAGE_TABLE = \`
${rows.join('\n')}
\`;
`,
);
process.stdout.write(`${rows.length} languages\n`);
