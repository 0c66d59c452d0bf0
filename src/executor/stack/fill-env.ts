import type { Result } from '../../core/result.ts';
import type { ServiceStage } from '../../planner/ir/ir.ts';

/** A service's environment with the values of its secrets; undefined with the name of one that is not there. */
export function fillEnv(
  { env }: Pick<ServiceStage, 'env'>,
  secrets: Readonly<Record<string, string>>,
): Result<{ readonly env: Readonly<Record<string, string>> }, { readonly missing: string }> {
  const filled: Record<string, string> = {};
  for (const [name, parts] of Object.entries(env)) {
    let value = '';
    for (const part of parts) {
      const text = typeof part === 'string' ? part : secrets[part.secret];
      if (text === undefined) return { ok: false, missing: (part as { secret: string }).secret };
      value += text;
    }
    filled[name] = value;
  }
  return { ok: true, env: filled };
}
