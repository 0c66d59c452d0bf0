import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Compiled, compileManifest } from '../../app/compile/compile-manifest.ts';
import type { CompileRequest } from '../../app/compile/compile-request.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome } from '../../core/outcome.ts';
import type { PlanChange } from '../../planner/diff/diff.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { readPlan, serializePlan } from '../../planner/plan-file/plan-file.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT, worstExit } from '../shared/exit-code.ts';
import { planFlags } from '../shared/plan-flags.ts';
import { tellTrust } from '../shared/tell-trust.ts';
import { changesText } from '../views/changes-text.ts';

type Format = 'text' | 'json' | 'markdown' | 'dot' | 'mermaid' | 'svg';

const WITH_CHANGES: readonly Format[] = ['text', 'json', 'markdown'];

/** `secplan plan`: what a run would do; with `--against`, what changes in it. Starts no scanner. */
export async function plan(console: Console, manifest: unknown, flags: Flags): Promise<number> {
  const format = console.json ? 'json' : ((flags.format ?? 'text') as Format);
  const against = flags.against;
  const wrong = contradiction(format, flags);
  if (wrong !== undefined) return console.refuse([diagnostic('SP9001', wrong)]);
  const request = { ...planFlags(flags, manifest), cwd: console.cwd };
  const compiled = await compileManifest({ ...request, trust: tellTrust(console) });
  if (!compiled.ok) return console.refuse(compiled.diagnostics);
  const after = compiled.value.plan;
  if (typeof against !== 'string') {
    console.diagnose(compiled.diagnostics);
    console.raw(await rendered(format, after, await beside(console, format, compiled.value)));
    if (format === 'text') await tellUnavailable(console, compiled.value);
    return EXIT.pass;
  }
  const before = await otherPlan(console, against, request, compiled.value);
  if (!before.ok) return console.refuse([...compiled.diagnostics, ...before.diagnostics]);
  console.diagnose(compiled.diagnostics);
  const { diffPlans } = await import('../../planner/diff/diff.ts');
  const changes = diffPlans(before.value, after);
  if (format === 'json') {
    const digests = { before: before.value.planDigest, after: after.planDigest };
    console.document('plan-changes', { against, ...digests, changes });
  } else if (format === 'markdown') {
    console.raw(await rendered(format, after, await beside(console, format, compiled.value), changes));
  } else console.print(changesText(changes, against, console.paint));
  const weaker = changes.some((change) => change.class === 'weakening');
  return worstExit([
    ...(flags.failOn === 'weakening' && weaker ? [EXIT.failed] : []),
    ...(flags.detailedExitcode === true && changes.length > 0 ? [EXIT.changes] : []),
  ]);
}

/** Scanners that nothing on this machine brings: of the machine and not of the plan, so beside its text. */
async function tellUnavailable(console: Console, { plan, lock, loaded, model }: Compiled): Promise<void> {
  const { unavailableTools } = await import('../../app/doctor/unavailable-tools.ts');
  const found = await unavailableTools(
    plan,
    { env: console.env, lock, workspace: loaded.workspace },
    model.runtime,
  );
  for (const { tool, detail, fix } of found)
    console.note(`${tool} is unavailable on this machine: ${detail}. ${fix}`);
}

function contradiction(format: Format, flags: Flags): string | undefined {
  const given = flags.format ?? format;
  if (format !== given) return `--json and --format ${given} cannot be used together`;
  if (flags.against !== undefined) {
    return WITH_CHANGES.includes(format) ? undefined : `--format ${format} cannot show changes`;
  }
  if (flags.failOn !== undefined) return '--fail-on needs --against: without it there are no changes';
  if (flags.detailedExitcode !== undefined) return '--detailed-exitcode needs --against';
  return undefined;
}

/** The plan to compare with: a plan file, where there is a file of that name; else the one of a git ref. */
async function otherPlan(
  console: Console,
  against: string,
  request: CompileRequest,
  { loaded }: Compiled,
): Promise<Outcome<Plan>> {
  const path = resolve(console.cwd, against);
  if (!existsSync(path)) {
    const { planAtRef } = await import('../shared/plan-at-ref.ts');
    return planAtRef(request, loaded, against);
  }
  try {
    return readPlan(await readFile(path, 'utf8'));
  } catch (error) {
    return failed([diagnostic('SP3006', `${against} cannot be read: ${(error as Error).message}`)]);
  }
}

/** What documents for people say beside the plan, which holds nothing that depends on files or on a runtime. */
interface Beside {
  readonly languages: readonly string[];
  readonly notEnforced: readonly string[];
}

async function beside(
  { env }: Pick<Console, 'env'>,
  format: Format,
  { plan: planned, model, loaded }: Compiled,
): Promise<Beside> {
  if (format !== 'text' && format !== 'markdown') return { languages: [], notEnforced: [] };
  const [{ planLanguages }, { plannedLimits }] = await Promise.all([
    import('../../app/languages/plan-languages.ts'),
    import('../../app/runtime/planned-limits.ts'),
  ]);
  const languages = await planLanguages(planned, loaded.workspace, env);
  return { languages, notEnforced: plannedLimits(model, planned) };
}

async function rendered(
  format: Format,
  plan: Plan,
  { languages, notEnforced }: Beside,
  changes: readonly PlanChange[] = [],
): Promise<string> {
  switch (format) {
    case 'json':
      return serializePlan(plan);
    case 'text':
      return (await import('../../report/graph-text.ts')).graphText(plan, languages, notEnforced);
    case 'markdown':
      return (await import('../../report/graph-markdown.ts')).graphMarkdown(
        plan,
        changes,
        languages,
        notEnforced,
      );
    case 'dot':
      return (await import('../../report/graph-dot.ts')).graphDot(plan);
    case 'mermaid':
      return (await import('../../report/graph-mermaid.ts')).graphMermaid(plan);
    case 'svg':
      return (await import('../../report/graph-svg.ts')).graphSvg(plan);
  }
}
