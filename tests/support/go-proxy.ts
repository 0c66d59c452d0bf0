import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { byCodeUnit, sha256Hex } from '../../src/core/canonical.ts';

type Files = Readonly<Record<string, string>>;
/** Every module of these tests has this one version. */
export const VERSION = 'v1.0.0';

/** golang.org/x/mod/sumdb/dirhash: sha256 of a sorted list of sha256 and name. Names are ASCII here. */
export function h1(module: string, files: Files): string {
  return sum(Object.entries(files).map(([name, text]) => [`${module}@${VERSION}/${name}`, text]));
}

/** The lines of a go.sum that stand for a module. */
export function sumLines(module: string, files: Files): string {
  const mod = sum([['go.mod', files['go.mod'] ?? '']]);
  return `${module} ${VERSION} ${h1(module, files)}\n${module} ${VERSION}/go.mod ${mod}\n`;
}

function sum(files: [string, string][]): string {
  const lines = files
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([name, text]) => `${sha256Hex(text)}  ${name}\n`);
  return `h1:${Buffer.from(sha256Hex(lines.join('')), 'hex').toString('base64')}`;
}

/** What a module proxy serves for a module; its zip is written into `scratch`. */
export function served(
  scratch: string,
  module: string,
  files: Files,
): Record<string, string | { path: string }> {
  const zip = join(scratch, `${VERSION}.zip`);
  const program =
    'import sys,zipfile,json\nz=zipfile.ZipFile(sys.argv[1],"w")\nfor n,t in json.loads(sys.argv[2]).items(): z.writestr(sys.argv[3]+n,t)\nz.close()';
  execFileSync('python3', ['-c', program, zip, JSON.stringify(files), `${module}@${VERSION}/`]);
  return {
    [`${module}/@v/list`]: `${VERSION}\n`,
    [`${module}/@v/${VERSION}.info`]: `{"Version":"${VERSION}","Time":"2026-01-01T00:00:00Z"}`,
    [`${module}/@v/${VERSION}.mod`]: files['go.mod'] ?? '',
    [`${module}/@v/${VERSION}.zip`]: { path: zip },
  };
}

/** A folder that serves modules as a proxy does; its URL. */
export function goProxy(folder: string, modules: Readonly<Record<string, Files>>): string {
  for (const [module, files] of Object.entries(modules)) {
    const scratch = join(folder, '.zip');
    mkdirSync(scratch, { recursive: true });
    for (const [path, content] of Object.entries(served(scratch, module, files))) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      if (typeof content === 'string') writeFileSync(join(folder, path), content);
      else copyFileSync(content.path, join(folder, path));
    }
  }
  return pathToFileURL(folder).href;
}
