import { readFileSync, writeFileSync } from 'node:fs';

// A registry mirror may not serve the packages of other platforms; npm then leaves them out of the lock, and `npm ci`
// refuses it. `node scripts/complete-lock.ts` adds them by name and version: they are skipped where they do not fit.
interface Entry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  optionalDependencies?: Record<string, string>;
}

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
const systems: Readonly<Record<string, string>> = {
  windows: 'win32',
  win32: 'win32',
  darwin: 'darwin',
  linux: 'linux',
  android: 'android',
};
let added = 0;
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    const match = /(android|darwin|linux|win32|windows)-([a-z0-9]+)/.exec(name);
    if (lock.packages[key] !== undefined || match === null) continue;
    const cpu = match[2] === 'armv7' ? 'arm' : (match[2] ?? '');
    lock.packages[key] = {
      version,
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      os: [systems[match[1] ?? ''] ?? ''],
      cpu: [cpu],
      // A second build for the same platform (musl) must not be taken here for the one that is there.
      ...(name.endsWith('-musl') ? { libc: ['musl'] } : {}),
    };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} entries added\n`);
