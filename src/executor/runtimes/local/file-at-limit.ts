import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StageInvocation } from '../../ports.ts';

/** A tool cut off by the file-size limit may have ended in any way at all: the file it left tells. */
export function fileAtLimit(invocation: StageInvocation, limitBytes: number): string | undefined {
  for (const spec of invocation.stage.outputSpecs) {
    if (spec.file === undefined) continue;
    const path = join(invocation.outDir, spec.file);
    if ((lstatSync(path, { throwIfNoEntry: false })?.size ?? 0) >= limitBytes) return spec.name;
  }
  return readdirSync(invocation.outDir).find(
    (name) => (lstatSync(join(invocation.outDir, name), { throwIfNoEntry: false })?.size ?? 0) >= limitBytes,
  );
}
