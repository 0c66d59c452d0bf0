import { tailOf } from '../../io/run-program.ts';
import { findProgram } from '../programs/find-program.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import { RESOLVE_TIMEOUT_MS, type Resolution, type ResolveContext } from './context.ts';

interface Downloaded {
  readonly Path?: string;
  readonly Version?: string;
  readonly Sum?: string;
}

/** The module that holds a Go program, with its h1. The program's path may lie deeper than its module's. */
export async function resolveGo(context: ResolveContext): Promise<Attempt<{ resolution: Resolution }>> {
  const go = findProgram('go', context.env.PATH ?? '', context.workspace);
  if (go.found !== 'yes') return refuse('SP4006', 'go is not on PATH', 'Install Go.');
  let last = '';
  for (const module of parents(context.package)) {
    const result = await context.run(
      go.path,
      ['mod', 'download', '-json', `${module}@${context.version ?? 'latest'}`],
      {
        cwd: context.scratch,
        env: { ...context.env, GOFLAGS: '-mod=mod', GOWORK: 'off' },
        timeoutMs: RESOLVE_TIMEOUT_MS,
      },
    );
    const facts = result.code === 0 ? (JSON.parse(result.stdout) as Downloaded) : undefined;
    if (facts?.Version !== undefined && facts.Sum !== undefined) {
      const item = { name: module, version: facts.Version, hashes: [facts.Sum] };
      return { ok: true, resolution: { version: facts.Version, packages: [item] } };
    }
    last = result.stdout.trim() || tailOf(result);
  }
  return refuse('SP4003', `go mod download: ${last}`);
}

/** A path and the paths above it, longest first, down to `host/owner/name`. */
function parents(path: string): string[] {
  const parts = path.split('/');
  const shortest = Math.min(3, parts.length);
  return Array.from({ length: parts.length - shortest + 1 }, (_, cut) =>
    parts.slice(0, parts.length - cut).join('/'),
  );
}
