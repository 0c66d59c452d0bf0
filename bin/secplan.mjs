#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`secplan needs Node 22.18 or newer; this is ${process.versions.node}\n`);
  process.exit(3);
}
process.getBuiltinModule('node:module').enableCompileCache();
// These two are each in one file, which starts quicker (scripts/build.ts).
const whole = ['run', 'compile'].find((command) => command === process.argv[2]);
await import(`../dist/${whole ?? 'main'}.js`);
