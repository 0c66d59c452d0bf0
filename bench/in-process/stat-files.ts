import { lstatSync, readFileSync } from 'node:fs';

// node bench/in-process/stat-files.ts LIST: asks for the state of every file that a list names, NUL between.
for (const file of readFileSync(process.argv[2] ?? '', 'utf8').split('\0')) lstatSync(file);
