import parseExpression from 'spdx-expression-parse';
import type { PlannedLicenses } from '../../compiler/model/model.ts';

/** What a licence list says of one package. `licenses` are the parts that decided it, sorted. */
export type LicenseRuling =
  | { readonly ruling: 'ok' }
  | { readonly ruling: 'denied' | 'not-allowed'; readonly licenses: readonly string[] }
  | { readonly ruling: 'unknown' };

/** The tree is walked recursively; no package has a licence this long. */
const MAX_CHARS = 10_000;

type Tree = ReturnType<typeof parseExpression>;

/** Texts by which documents say that they know nothing (SPDX 2.3, section 7.13). */
const NO_INFORMATION: ReadonlySet<string> = new Set(['', 'NONE', 'NOASSERTION', 'UNKNOWN']);

/**
 * Holds an SPDX expression against the lists. OR is the user's choice: one acceptable side will do. AND is all of them.
 * A denied licence is denied with any exception and with `+`, an allowed one is allowed with neither, unless the list
 * says so in full: an exception only ever adds permissions, but `GPL-2.0-only WITH …` must not slip by a denied
 * `GPL-2.0-only`. What cannot be read as an expression is unknown, never ok.
 */
export function evaluateLicense(expression: string, lists: PlannedLicenses): LicenseRuling {
  if (NO_INFORMATION.has(expression.trim().toUpperCase())) return { ruling: 'unknown' };
  if (expression.length > MAX_CHARS) return { ruling: 'unknown' };
  let tree: Tree;
  try {
    tree = parseExpression(expression.trim());
  } catch {
    return { ruling: 'unknown' };
  }
  return rule(tree, lists);
}

function rule(tree: Tree, lists: PlannedLicenses): LicenseRuling {
  if (!('conjunction' in tree)) return ruleOne(tree, lists);
  const [left, right] = [rule(tree.left, lists), rule(tree.right, lists)];
  if (tree.conjunction === 'and') return worse(left, right);
  if (left.ruling === 'ok' || right.ruling === 'ok') return { ruling: 'ok' };
  return worse(left, right);
}

const RANK = { ok: 0, 'not-allowed': 1, denied: 2, unknown: 3 } as const;

function worse(left: LicenseRuling, right: LicenseRuling): LicenseRuling {
  if (left.ruling === right.ruling && 'licenses' in left && 'licenses' in right) {
    return { ruling: left.ruling, licenses: [...new Set([...left.licenses, ...right.licenses])].sort() };
  }
  return RANK[left.ruling] >= RANK[right.ruling] ? left : right;
}

function ruleOne(
  { license, plus, exception }: Extract<Tree, { license: string }>,
  { allow, deny }: PlannedLicenses,
): LicenseRuling {
  const plain = plus ? `${license}+` : license;
  const whole = exception === undefined ? plain : `${plain} WITH ${exception}`;
  const namedInFull = exception !== undefined && allow?.some((id) => same(id, whole)) === true;
  const denied = [license, plain, whole].some((name) => deny?.some((id) => same(id, name)));
  if (denied && !namedInFull) return { ruling: 'denied', licenses: [whole] };
  if (allow === undefined) return { ruling: 'ok' };
  const allowed = allow.some((id) => same(id, whole)) || allow.some((id) => same(id, plain));
  return allowed ? { ruling: 'ok' } : { ruling: 'not-allowed', licenses: [whole] };
}

// The parser wants ids as SPDX writes them; lists must be written the same way, except what people type into WITH.
function same(a: string, b: string): boolean {
  return a.toLowerCase().replace(/\s+/g, ' ') === b.toLowerCase();
}
