import type { ToolStage } from '../ir/ir.ts';
import { globsBelow } from '../ir/select-files.ts';
import { change, listDifference, type PlanChange } from './change.ts';

/** What changed in the files that a scanner is given. Globs in `told` are reported with the whole workspace. */
export function diffSelection(
  before: ToolStage,
  after: ToolStage,
  told: ReadonlySet<string>,
): readonly PlanChange[] {
  const { id } = after;
  const sides = { before: before.selection, after: after.selection };
  const moved = before.target.path !== after.target.path;
  const globs = (stage: ToolStage, list: readonly string[] = []) =>
    moved ? withoutFolder(stage, list) : list;
  const excludes = listDifference(
    globs(before, before.selection.exclude),
    globs(after, after.selection.exclude),
  );
  const includes = listDifference(
    globs(before, before.selection.include),
    globs(after, after.selection.include),
  );
  const mine = (globs: readonly string[]) => globs.filter((glob) => !told.has(glob));
  return [
    ...targetChange(before, after),
    ...mine(excludes.added).map((glob) =>
      change('path', id, `${id} no longer reads ${glob}`, { class: 'weakening', ...sides }),
    ),
    ...mine(excludes.removed).map((glob) =>
      change('path', id, `${id} no longer skips ${glob}`, { class: 'strengthening', ...sides }),
    ),
    ...includes.removed.map((glob) =>
      change('path', id, `${id} no longer requires ${glob}`, { class: 'weakening', ...sides }),
    ),
    ...includes.added.map((glob) =>
      change('path', id, `${id} now requires ${glob}`, { class: 'strengthening', ...sides }),
    ),
    ...narrowing(before, after, globs),
  ];
}

// A target that moved takes all of its globs along: that is reported once, by its folder.
function withoutFolder({ target }: ToolStage, list: readonly string[]): readonly string[] {
  const folder = globsBelow(target.path, [''])[0] ?? '';
  return list.map((glob) => (glob.startsWith(folder) ? glob.slice(folder.length) : glob));
}

function targetChange(before: ToolStage, after: ToolStage): readonly PlanChange[] {
  const [old, now] = [before.target, after.target];
  if (old.kind === now.kind && old.name === now.name && old.path === now.path) return [];
  const wider = old.kind === now.kind && now.path !== undefined && isAbove(now.path, old.path ?? '');
  const said = ({ kind, path }: ToolStage['target']) => (path === undefined ? kind : `${kind} at ${path}`);
  const text = `${after.id} is pointed at ${said(now)} instead of ${said(old)}`;
  return [
    change('path', after.id, text, { class: wider ? 'strengthening' : 'weakening', before: old, after: now }),
  ];
}

function isAbove(folder: string, path: string): boolean {
  return folder === '.' || folder === '' || path.startsWith(`${folder.replace(/\/$/, '')}/`);
}

function narrowing(
  before: ToolStage,
  after: ToolStage,
  globs: (stage: ToolStage, list: readonly string[]) => readonly string[],
): readonly PlanChange[] {
  const [old, now] = [before.selection.limitTo, after.selection.limitTo];
  const { id } = after;
  const sides = { before: old, after: now };
  if (old === undefined && now === undefined) return [];
  if (old === undefined)
    return [change('path', id, `${id} now reads only ${now?.join(', ')}`, { class: 'weakening', ...sides })];
  if (now === undefined) {
    return [
      change('path', id, `${id} no longer reads only ${old.join(', ')}`, {
        class: 'strengthening',
        ...sides,
      }),
    ];
  }
  const { added, removed } = listDifference(globs(before, old), globs(after, now));
  return [
    ...removed.map((glob) =>
      change('path', id, `${id} no longer reads ${glob}`, { class: 'weakening', ...sides }),
    ),
    ...added.map((glob) =>
      change('path', id, `${id} now reads ${glob} too`, { class: 'strengthening', ...sides }),
    ),
  ];
}
