import type { Model } from '../../compiler/model/model.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { type Outcome, success } from '../../core/outcome.ts';
import { cacheDir } from '../../executor/cache/open-caches.ts';
import { openSession } from '../../executor/runtimes/dagger/open-session.ts';
import { probeNetwork } from '../../executor/runtimes/local/network/probe-network.ts';
import { probeSandbox } from '../../executor/runtimes/local/sandbox/probe-sandbox.ts';
import { findStageCgroups } from '../../executor/runtimes/local/sandbox/stage-cgroup.ts';
import { systemClock } from '../../io/clock.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { type Check, type DoctorOptions, diagnose } from '../../toolchain/doctor.ts';
import { compileManifest } from '../compile/compile-manifest.ts';
import type { CompileRequest } from '../compile/compile-request.ts';
import { toolStages } from '../plan-facts/tool-stages.ts';
import { placeOf } from '../runtime/place-of.ts';
import { machineView } from '../workspace/machine-view.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface Examination {
  readonly checks: readonly Check[];
  /** The profile whose tools were looked at; undefined where the manifest has errors: the machine alone was. */
  readonly profile: string | undefined;
  /** What compiling the manifest reported. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Looks at the machine and at every tool of the profile, and installs nothing. A manifest with errors does not keep it from
 * looking at the machine. SP4001 when a lock is bad.
 */
export async function examineMachine(request: CompileRequest, env: Env): Promise<Outcome<Examination>> {
  const compiled = await compileManifest(request);
  const { diagnostics } = compiled;
  const workspace = compiled.ok ? compiled.value.loaded.workspace : request.cwd;
  const view = await machineView({ env }, workspace);
  if (!view.ok) return view;
  const machine = { ...view.value, ...probes(), cacheDir: cacheDir(env) };
  if (!compiled.ok) return success({ checks: await diagnose(machine), profile: undefined, diagnostics });
  const { plan, model } = compiled.value;
  const checks = await diagnose({
    ...machine,
    stages: toolStages(plan),
    entryOf: (definition) => catalogue.get(definition),
    ...(model.runtime === 'dagger' ? onEngine(env, workspace, model.dagger.engine) : {}),
  });
  return success({ checks, profile: plan.profile, diagnostics });
}

/** Each really tries out what it asks about. */
function probes(): Pick<DoctorOptions, 'probeSandbox' | 'probeNetwork' | 'limitsMemory'> {
  return {
    async probeSandbox() {
      const probe = await probeSandbox();
      if (!probe.ok) return probe;
      probe.sandbox.dispose();
      return { ok: true };
    },
    probeNetwork,
    limitsMemory: () => findStageCgroups() !== undefined,
  };
}

/** Really connects: an address that nobody answers at is no engine. */
function onEngine(
  env: Env,
  workspace: string,
  engine: Model['dagger']['engine'],
): Pick<DoctorOptions, 'place' | 'probeEngine'> {
  return {
    place: placeOf('dagger'),
    async probeEngine() {
      const opened = await openSession({
        env,
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
    },
  };
}
