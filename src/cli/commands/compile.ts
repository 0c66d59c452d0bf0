import { resolve } from 'node:path';
import { compileManifest } from '../../app/compile/compile-manifest.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { serializePlan } from '../../planner/plan-file/plan-file.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { planFlags } from '../shared/plan-flags.ts';
import { tellTrust } from '../shared/tell-trust.ts';

/** `secplan compile`: the plan on stdout, or in a file. Diagnostics go to stderr, so that the bytes stay the plan's. */
export async function compile(console: Console, manifest: unknown, flags: Flags): Promise<number> {
  const compiled = await compileManifest({
    ...planFlags(flags, manifest),
    cwd: console.cwd,
    trust: tellTrust(console),
  });
  if (!compiled.ok) return console.refuse(compiled.diagnostics);
  console.diagnose(compiled.diagnostics);
  const { plan } = compiled.value;
  const text = serializePlan(plan);
  const output = flags.output;
  if (typeof output !== 'string' || output === '-') {
    console.raw(text);
    return EXIT.pass;
  }
  try {
    const { writeOutput } = await import('../../io/write-whole-file.ts');
    await writeOutput(resolve(console.cwd, output), text);
  } catch (error) {
    const summary = `${output} cannot be written: ${(error as Error).message}`;
    const full = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
    return full
      ? console.refuse([diagnostic('SP5002', summary)], EXIT.infrastructure)
      : console.refuse([diagnostic('SP9001', summary, { value: output })]);
  }
  if (console.json) console.document('compiled', { file: output, planDigest: plan.planDigest });
  else console.note(`${output}: ${plan.stages.length} stages, profile ${plan.profile}, ${plan.planDigest}`);
  return EXIT.pass;
}
