import { realpathSync } from 'node:fs';
import { runProgram } from '../../io/run-program.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import { findProgram } from './find-program.ts';

export interface Interpreter {
  /** Real path, with the minor version in its name where the system has one. */
  readonly path: string;
  /** For example `3.11.2`. */
  readonly version: string;
  /** Prefix of its installation, which holds the standard library. */
  readonly prefix: string;
}

const PROBE =
  'import json,sys;print(json.dumps([sys.version_info[:3],sys.base_prefix,sys.implementation.name]))';

/**
 * An interpreter for packages that were resolved for a Python minor version: one of that minor if there is one, else
 * a newer one (its wheels are locked too where they exist). The system's own comes first: it lies under /usr.
 */
export async function findPython(
  minor: string,
  env: Readonly<Record<string, string>>,
  workspace: string | null,
): Promise<Attempt<{ python: Interpreter }>> {
  const candidates = ['/usr/bin', env.PATH ?? ''].flatMap((path) =>
    [`python${minor}`, 'python3'].map((name) => findProgram(name, path, workspace)),
  );
  const found: Interpreter[] = [];
  for (const candidate of candidates) {
    if (candidate.found !== 'yes' || found.some((python) => python.path === candidate.path)) continue;
    const python = await probe(candidate.path, env);
    if (!python) continue;
    if (minorOf(python.version) === minor) return { ok: true, python };
    found.push(python);
  }
  const newer = found.find((python) => compareMinor(minorOf(python.version), minor) > 0);
  if (newer) return { ok: true, python: newer };
  const seen = found.map((python) => python.version).join(', ') || 'none';
  return refuse(
    'SP4006',
    `needs Python ${minor} or newer on PATH, found ${seen}`,
    `Install Python ${minor} (Debian: apt-get install python3).`,
  );
}

async function probe(path: string, env: Readonly<Record<string, string>>): Promise<Interpreter | undefined> {
  // -I: neither the environment nor the working folder is looked at for modules.
  const result = await runProgram(path, ['-I', '-c', `import sys;print(sys.executable);${PROBE}`], {
    cwd: '/',
    env,
    timeoutMs: 20_000,
  });
  if (result.code !== 0) return undefined;
  try {
    const [executable, facts] = result.stdout.trim().split('\n');
    const [version, prefix, implementation] = JSON.parse(facts ?? '') as [number[], string, string];
    if (implementation !== 'cpython') return undefined;
    return {
      path: realpathSync(executable ?? path),
      version: version.join('.'),
      prefix: realpathSync(prefix),
    };
  } catch {
    return undefined;
  }
}

function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

function compareMinor(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}
