import { lstatSync, readFileSync } from 'node:fs';

// node bench/in-process/stat-files.mjs LIST: asks for the state of every file that a list names, NUL between. No TypeScript: a floor strips no types.
for (const file of readFileSync(process.argv[2] ?? '', 'utf8').split('\0')) lstatSync(file);
