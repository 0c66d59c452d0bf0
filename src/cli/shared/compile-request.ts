import type { CompileRequest } from '../../app/compile/compile-request.ts';
import type { Flags } from './command-spec.ts';
import type { Console } from './console.ts';

/** What the flags of a command ask of the compiler. `named` is a manifest given as an argument. */
export function compileRequest(console: Console, flags: Flags, named?: unknown): CompileRequest {
  const { manifest, workspace, profile, runtime, only, skip, policy, requiresStack, stackBaseUrl } =
    flags as Partial<CompileRequest>;
  return {
    cwd: console.cwd,
    manifest: typeof named === 'string' ? named : manifest,
    workspace,
    profile,
    runtime,
    only,
    skip,
    policy,
    requiresStack,
    stackBaseUrl,
  };
}
