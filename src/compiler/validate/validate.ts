import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import type { Manifest, PolicyFile } from '../manifest.gen.ts';
import { LIMITS } from '../source/limits.ts';
import { escapeKey } from '../source/pointer.ts';
import { sortDiagnostics } from '../source/sort-diagnostics.ts';
import type { SourceTree } from '../source/source-tree.ts';
import { reduceChoices } from './reduce-choices.ts';
import { schemaDiagnostic } from './schema-diagnostic.ts';
import { type Validator, validateManifest, validatePolicyFile } from './validate.gen.js';

const MOST = LIMITS.diagnostics;

/** Holds a parsed manifest against the schema and reports everything that is wrong with it, at once. */
export function validate(tree: SourceTree): Outcome<Manifest> {
  return check<Manifest>(tree, validateManifest, '#');
}

/** The same for `--policy FILE`. */
export function checkPolicyFile(tree: SourceTree): Outcome<PolicyFile> {
  return check<PolicyFile>(tree, validatePolicyFile, '#/$defs/policyFile');
}

function check<T>(tree: SourceTree, validator: Validator, root: string): Outcome<T> {
  const broken = unfit(tree);
  if (broken.length > 0) return failed(sortDiagnostics(broken));
  if (validator(tree.value)) return success(tree.value as T);
  const errors = reduceChoices((validator.errors ?? []).slice(0, 10 * MOST)).slice(0, MOST);
  return failed(sortDiagnostics(errors.map((error) => schemaDiagnostic(error, tree, root))));
}

/** What the schema cannot say: depth of what CUE made, half of a surrogate pair, a number beyond a double. */
function unfit(tree: SourceTree): Diagnostic[] {
  if (isFit(tree.value)) return [];
  const found: Diagnostic[] = [];
  const report = (code: 'SP1004' | 'SP2005', summary: string, pointer: string): void => {
    const place = tree.place(pointer);
    if (found.length < MOST) found.push(diagnostic(code, summary, { pointer, ...(place ? { place } : {}) }));
  };
  const visit = (value: unknown, pointer: string, depth: number): void => {
    if (typeof value === 'string') {
      if (!value.isWellFormed()) report('SP2005', 'the text contains half of a surrogate pair', pointer);
    } else if (typeof value === 'number') {
      if (!Number.isFinite(value)) report('SP2005', 'number out of range', pointer);
    } else if (typeof value === 'object' && value !== null) {
      if (depth >= LIMITS.depth) {
        report('SP1004', `nested deeper than ${LIMITS.depth} levels`, pointer);
        return;
      }
      for (const [key, item] of Object.entries(value)) {
        if (!key.isWellFormed()) report('SP2005', 'the key contains half of a surrogate pair', pointer);
        visit(item, `${pointer}/${escapeKey(key)}`, depth + 1);
      }
    }
  };
  visit(tree.value, '', 0);
  return found;
}

/** The same without building pointers: nearly every manifest is fit. */
export function isFit(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= LIMITS.depth) return false;
  if (Array.isArray(value)) return value.every((item) => isFit(item, depth + 1));
  return Object.entries(value).every(([key, item]) => key.isWellFormed() && isFit(item, depth + 1));
}
