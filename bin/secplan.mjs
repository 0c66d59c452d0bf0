#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`secplan needs Node 22.18 or newer; this is ${process.versions.node}\n`);
  process.exit(3);
}
keepCompiled(process.env);
// These two are each in one file, which starts quicker (scripts/build.ts).
const whole = ['run', 'compile'].find((command) => command === process.argv[2]);
await import(`../dist/${whole ?? 'main'}.js`);

/**
 * Has V8 keep what it compiles, in the user's own cache folder: below /tmp, Node's place for it, others could put code
 * of theirs. Not where the folder is another user's, as under sudo. NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE win.
 */
function keepCompiled({ XDG_CACHE_HOME: caches, HOME: home }) {
  const { statSync } = process.getBuiltinModule('node:fs');
  const base = caches?.startsWith('/') ? caches : home?.startsWith('/') ? `${home}/.cache` : undefined;
  if (base === undefined) return;
  const above = [base, home ?? ''].map((path) => statSync(path, { throwIfNoEntry: false }));
  const nearest = above.find((found) => found !== undefined);
  if (nearest === undefined || nearest.uid !== process.getuid?.()) return;
  process.getBuiltinModule('node:module').enableCompileCache(`${base}/secplan-compiled`);
}
