import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

// Writes dist/types: of the declarations that the compiler emits, those that the library's own name. They may name no
// package, so that whoever installs secplan needs none for its types.
const root = new URL('../', import.meta.url).pathname;
const outdir = join(root, 'dist/types');
const emitted = mkdtempSync(join(tmpdir(), 'secplan-types-'));
try {
  const compiler = join(root, 'node_modules/.bin/tsc');
  execFileSync(compiler, ['-p', 'tsconfig.types.json', '--outDir', emitted], { cwd: root, stdio: 'inherit' });
  rmSync(outdir, { recursive: true, force: true });
  const written = new Set<string>();
  const write = (path: string): void => {
    if (written.has(path)) return;
    written.add(path);
    const text = readFileSync(join(emitted, `${path}.d.ts`), 'utf8');
    const target = join(outdir, `${path}.d.ts`);
    mkdirSync(dirname(target), { recursive: true });
    // Sources name each other by `.ts`, which only a compiler with the sources at hand should meet.
    const ours = text.replaceAll(/(\bfrom |\bimport\()'([^']+)'/g, (_, before: string, specifier: string) => {
      if (!/^\.\.?\/.*\.ts$/.test(specifier)) {
        throw new Error(
          `the library's types name ${specifier}, by src/${path}.ts: no package is installed for them`,
        );
      }
      write(join(dirname(path), specifier.slice(0, -'.ts'.length)));
      return `${before}'${specifier.slice(0, -'.ts'.length)}.js'`;
    });
    writeFileSync(target, ours);
  };
  write('index');
} finally {
  rmSync(emitted, { recursive: true, force: true });
}
