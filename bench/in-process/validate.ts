import { toolManifestText } from './tool-manifest.ts';

// node bench/in-process/validate.ts load|validate COUNT -> {"ms": …}
const [what = 'validate', count = '1000'] = process.argv.slice(2);
const value: unknown = JSON.parse(toolManifestText(Number(count)));
const beforeLoad = performance.now();
const { validateManifest } = await import('../../src/compiler/validate/validate.gen.js');
const loaded = performance.now();
let ms = loaded - beforeLoad;
if (what === 'validate') {
  // The first call compiles; the figure is of the second, as in a service or a language server.
  validateManifest(value);
  const start = performance.now();
  if (!validateManifest(value)) throw new Error(JSON.stringify(validateManifest.errors?.slice(0, 3)));
  ms = performance.now() - start;
}
console.log(JSON.stringify({ ms }));
