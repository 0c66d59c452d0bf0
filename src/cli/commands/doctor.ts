import { compileManifest } from '../../app/compile/compile-manifest.ts';
import { placeOf } from '../../app/runtime/place-of.ts';
import { isError } from '../../core/diagnostic.ts';
import { cacheDir } from '../../executor/cache/open-caches.ts';
import { openSession } from '../../executor/runtimes/dagger/open-session.ts';
import { probeNetwork } from '../../executor/runtimes/local/network/probe-network.ts';
import { findMemoryCgroups } from '../../executor/runtimes/local/sandbox/memory-cgroup.ts';
import { probeSandbox } from '../../executor/runtimes/local/sandbox/probe-sandbox.ts';
import { systemClock } from '../../io/clock.ts';
import type { ToolStage } from '../../planner/ir/ir.ts';
import { type Check, diagnose } from '../../toolchain/doctor.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { machineView } from '../shared/machine-view.ts';
import { clip, type Paint, printable } from '../shared/paint.ts';
import { planFlags } from '../shared/plan-flags.ts';

/**
 * `secplan doctor`: looks at the machine and at every tool of the profile, and installs nothing. Exit 3 where something
 * that a run needs is not there. A manifest with errors does not keep it from looking at the machine.
 */
export async function doctor(console: Console, flags: Flags): Promise<number> {
  const compiled = await compileManifest({ ...planFlags(flags), cwd: console.cwd });
  const workspace = compiled.ok ? compiled.value.loaded.workspace : console.cwd;
  const view = machineView(console, workspace);
  if (!view.ok) return console.refuse(view.diagnostics);
  const checks = await diagnose({
    ...view.value,
    cacheDir: cacheDir(console.env),
    ...(compiled.ok
      ? { stages: compiled.value.plan.stages.filter((stage): stage is ToolStage => 'tool' in stage) }
      : {}),
    async probeSandbox() {
      const probe = await probeSandbox();
      if (!probe.ok) return probe;
      probe.sandbox.dispose();
      return { ok: true };
    },
    probeNetwork,
    ...(compiled.ok && compiled.value.model.runtime === 'dagger'
      ? {
          place: placeOf('dagger'),
          probeEngine: () => probeEngine(console, workspace, compiled.value.model.dagger.engine),
        }
      : {}),
    limitsMemory: () => findMemoryCgroups() !== undefined,
  });
  console.diagnose(compiled.diagnostics);
  const broken = checks.filter((item) => !item.ok && item.needed);
  const exitCode = compiled.diagnostics.some(isError)
    ? EXIT.usage
    : broken.length > 0
      ? EXIT.infrastructure
      : EXIT.pass;
  if (console.json) {
    console.document('doctor', { exitCode, checks, diagnostics: compiled.diagnostics });
    return exitCode;
  }
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const item of checks) console.print(line(item, width, console.paint));
  const profile = compiled.ok ? `the ${compiled.value.plan.profile} profile` : 'a run';
  console.print(
    broken.length === 0
      ? `\n${console.paint('green', 'ready')}: this machine has what ${profile} needs`
      : `\n${console.paint('red', 'not ready')}: ${broken.map(({ name }) => name).join(', ')} (needed by ${profile})`,
  );
  return exitCode;
}

/** Really connects: an address that nobody answers at is no engine. */
async function probeEngine(console: Console, workspace: string, engine: string | undefined) {
  const opened = await openSession({
    env: console.env,
    engine,
    workspace,
    clock: systemClock,
    signal: AbortSignal.timeout(120_000),
    connectMs: 60_000,
    graceMs: 10_000,
  });
  if (!opened.ok) return opened;
  const { version } = opened.session;
  await opened.session.close();
  return { ok: true, detail: `Dagger engine ${version}` };
}

function line({ name, ok, needed, detail, fix }: Check, width: number, paint: Paint): string {
  const word = ok ? paint('green', 'ok     ') : needed ? paint('red', 'missing') : paint('gray', 'absent ');
  const hint = !ok && needed && fix !== '' ? `\n${' '.repeat(width + 11)}${printable(fix)}` : '';
  return `${word}  ${name.padEnd(width)}  ${clip(printable(detail), 160)}${hint}`;
}
