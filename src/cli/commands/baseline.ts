import { type BaselineRequest, createBaseline, pruneBaselineFile } from '../../app/baseline/baseline.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { shownPath } from '../shared/shown-path.ts';

/** `secplan baseline create|prune [BUNDLE]`: which findings are known. Never scans. */
export async function baseline(
  console: Console,
  action: 'create' | 'prune',
  bundle: unknown,
  flags: Flags,
): Promise<number> {
  const { output, exportDir, force } = flags as { output?: string; exportDir?: string; force?: boolean };
  const request: BaselineRequest = {
    cwd: console.cwd,
    bundle: typeof bundle === 'string' ? bundle : undefined,
    exportDir,
    file: output,
    force,
  };
  const written = await (action === 'create' ? createBaseline(request) : pruneBaselineFile(request));
  if (!written.ok) return console.refuse(written.diagnostics);
  console.diagnose(written.diagnostics);
  const { file, baseline: content, dropped, bundle: from } = written.value;
  if (from.verdict.partial || from.verdict.incomplete.length > 0) {
    console.note(
      action === 'create'
        ? 'The run was partial or incomplete: findings of the missing scanners are not in the baseline.'
        : 'The run was partial or incomplete: entries of the missing scanners were kept.',
    );
  }
  if (console.json) {
    console.document('baseline-written', { action, file, entries: content.findings.length, dropped });
    return EXIT.pass;
  }
  const name = shownPath(console.cwd, file);
  const entries = `${content.findings.length} ${content.findings.length === 1 ? 'entry' : 'entries'}`;
  console.print(
    action === 'create' ? `${name}: ${entries}` : `${name}: ${dropped.length} dropped, ${entries} kept`,
  );
  return EXIT.pass;
}
