import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// node bench/in-process/ajv-at-run-time.ts -> {"ms": …}: what loading a validator costs that is compiled when it is needed.
const require = createRequire(import.meta.url);
const start = performance.now();
const { Ajv2020 } = require('ajv/dist/2020.js');
const addFormats = require('ajv-formats');
const ajv = new Ajv2020({ allErrors: true, strict: false });
addFormats(ajv);
ajv.compile(JSON.parse(readFileSync(new URL('../../schema/manifest.schema.json', import.meta.url), 'utf8')));
console.log(JSON.stringify({ ms: performance.now() - start }));
