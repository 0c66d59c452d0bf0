#!/usr/bin/env node
import module from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`secplan needs Node 22.18 or newer; this is ${process.versions.node}\n`);
  process.exit(3);
}
module.enableCompileCache?.();
await import('../dist/main.js');
