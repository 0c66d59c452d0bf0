import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LargeReportReplies, LargeReports } from '../../executor/engine/large-reports.ts';
import { askChild } from '../../io/ask-child.ts';
import { packageRoot } from '../package/package-root.ts';

/** Of the heap: enough for 250,000 findings of Bandit in 120 MB. */
const HEAP_MIB = 1024;

/** Reads each large report in a process that is started for it. */
export function forkLargeReports(heapMiB: number = HEAP_MIB): LargeReports {
  return {
    limitBytes: heapMiB * 2 ** 20,
    async ask(message, signal) {
      const asked = await askChild({ entry: entry(), message, heapMiB, signal });
      if (!asked.ok) return asked;
      // Its other side is the same version of the same functions.
      return { ok: true, reply: asked.reply as LargeReportReplies[(typeof message)['kind']] };
    },
  };
}

/** From source it is the module beside this one; the package has it as a file (scripts/bundle.ts). */
function entry(): string {
  return import.meta.url.endsWith('.ts')
    ? fileURLToPath(new URL('read-large-report.ts', import.meta.url))
    : join(packageRoot(), 'dist', 'read-large-report.js');
}
