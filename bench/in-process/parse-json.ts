import { toolManifestText } from './tool-manifest.ts';

// node bench/in-process/parse-json.ts COUNT -> {"ms": …}
const text = toolManifestText(Number(process.argv[2] ?? '1000'));
JSON.parse(text);
const start = performance.now();
JSON.parse(text);
console.log(JSON.stringify({ ms: performance.now() - start }));
