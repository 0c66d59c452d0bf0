import type { Attempt, Problem } from './shared/problem.ts';
import { openEntry, type Store, type StoreRef } from './shared/store.ts';

/** One place that a tool can come from. */
export interface Choice {
  /** Provider, as messages name it. */
  readonly name: string;
  /** What it is in the store; absent for programs on PATH and images. */
  readonly ref?: StoreRef;
}

/** One that was tried before, and why it is not used. */
export interface PassedOver {
  readonly name: string;
  readonly problem: Problem;
}

/** Unavailable here and now. Any other problem, such as a file that is not the pinned one, ends the search: it is no reason to look elsewhere. */
const UNAVAILABLE: ReadonlySet<Problem['code']> = new Set(['SP4003', 'SP4005', 'SP4006', 'SP4017']);

/** Tries one choice after the other until one is available. What the store, where one is given, has already comes first: nothing is fetched beside it. */
export async function firstAvailable<C extends Choice, R extends object>(
  choices: readonly C[],
  store: Store | undefined,
  attempt: (choice: C) => Promise<Attempt<R>>,
): Promise<Attempt<{ readonly result: R; readonly choice: C; readonly passedOver: readonly PassedOver[] }>> {
  const passedOver: PassedOver[] = [];
  for (const choice of store === undefined ? choices : await installedFirst(choices, store)) {
    const outcome = await attempt(choice);
    if (outcome.ok) return { ok: true, result: outcome, choice, passedOver };
    passedOver.push({ name: choice.name, problem: outcome.problem });
    if (!UNAVAILABLE.has(outcome.problem.code)) break;
  }
  return { ok: false, problem: together(passedOver) };
}

async function installedFirst<C extends Choice>(choices: readonly C[], store: Store): Promise<readonly C[]> {
  if (choices.length < 2) return choices;
  for (const choice of choices) {
    if (choice.ref === undefined) continue;
    const found = await openEntry(store, choice.ref);
    // One that was changed since counts, too: it is refused, and no other stands in for it unasked.
    if (!found.ok || found.entry) return [choice, ...choices.filter((other) => other !== choice)];
  }
  return choices;
}

/** One problem of all that were tried, each by its provider's name where there are several. */
function together(tried: readonly PassedOver[]): Problem {
  const [first, ...others] = tried;
  if (first === undefined) return { code: 'SP4002', detail: 'it has no provider' };
  if (others.length === 0) return first.problem;
  const fixes = [...new Set(tried.flatMap(({ problem: { fix } }) => (fix === undefined ? [] : [fix])))];
  return {
    code: first.problem.code,
    detail: tried.map(({ name, problem }) => `${name}: ${problem.detail}`).join('; '),
    ...(fixes.length === 0 ? {} : { fix: fixes.join(' ') }),
  };
}
