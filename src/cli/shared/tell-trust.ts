import type { TrustQuestion } from '../../app/trust/trust-question.ts';
import type { Console } from './console.ts';

/** For commands that only show what a run would do: they need no trust, and say what a run would need. */
export function tellTrust({ env }: Pick<Console, 'env'>): TrustQuestion {
  return { mode: 'tell', env, trustWorkspace: false, unsandboxed: false };
}
