import { checkBundle } from '../../app/check/check-bundle.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { printable } from '../shared/paint.ts';
import { endingOf } from '../views/ending/ending-of.ts';
import { verdictText } from '../views/ending/verdict-text.ts';

/** `secplan check [BUNDLE]`: the gate again, on what was found before. Its exit code is the new verdict's. */
export async function check(console: Console, bundle: unknown, flags: Flags): Promise<number> {
  const { at, policy, exportDir } = flags as { at?: string; policy?: string; exportDir?: string };
  const now = Date.now();
  const day = at === undefined ? now : dayOf(at);
  if (day === undefined) {
    return console.refuse([
      diagnostic('SP9001', 'not a day', { value: String(at), allowed: ['YYYY-MM-DD'] }),
    ]);
  }
  const checked = await checkBundle({
    cwd: console.cwd,
    bundle: typeof bundle === 'string' ? bundle : undefined,
    exportDir,
    policy,
    at: day,
    now,
  });
  if (!checked.ok) return console.refuse(checked.diagnostics);
  console.diagnose(checked.diagnostics);
  const { verdict, bundle: content, changes } = checked.value;
  if (console.json) {
    console.document('check', { exitCode: verdict.exitCode, bundle: content.dir, verdict, changes });
  } else {
    const { findings, summary, dir } = content;
    if (at !== undefined) {
      const lines = changes.length === 0 ? ['nothing changes'] : changes.map(({ text }) => text);
      console.print(`By ${at}\n${lines.map((line) => `  ${printable(line)}`).join('\n')}\n`);
    }
    console.print(
      verdictText({ verdict, findings, summary, bundleDir: dir, results: [] }, endingOf(console, flags)),
    );
  }
  return verdict.exitCode;
}

/** Noon of a day in UTC: any moment of it would do. */
function dayOf(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T12:00:00Z`);
  return Number.isNaN(time) || !new Date(time).toISOString().startsWith(text) ? undefined : time;
}
