import { resolve } from 'node:path';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { ToolsLock } from '../../lock/lock-types.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import type { Provider } from '../../stages/contract/provider.ts';
import { openToolBundle, type ToolBundle } from '../../toolchain/carry/carry-in.ts';
import { ensureInstalled, type InstallOptions } from '../../toolchain/ensure-installed.ts';
import { firstAvailable } from '../../toolchain/first-available.ts';
import { insteadOf, problemDiagnostic, refuse } from '../../toolchain/shared/problem.ts';
import { openStore, toolsDir } from '../../toolchain/shared/store.ts';
import { withWaysOut } from '../../toolchain/ways-out.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { catchInterrupt } from '../shared/interrupt.ts';
import { type Selection, selectBundled, selectTools, type Wanted } from '../shared/select-tools.ts';
import { duration, installingText } from '../views/stage-line.ts';
import { toolsToBundle } from './tools-to-bundle.ts';

/**
 * `secplan tools install`: what the profile needs, or the tools named, from the lock. One failure does not stop the rest.
 * With `--bundle FILE` out of a bundle and without network; with `--to-bundle FILE` into one instead.
 */
export async function toolsInstall(console: Console, named: unknown, flags: Flags): Promise<number> {
  const ids = Array.isArray(named) ? (named as string[]) : [];
  if (flags.bundle !== undefined && flags.toBundle !== undefined) {
    return console.refuse([diagnostic('SP9001', '--bundle and --to-bundle cannot be used together')]);
  }
  if (typeof flags.toBundle === 'string') return toolsToBundle(console, ids, flags, flags.toBundle);
  if (typeof flags.bundle !== 'string') {
    const selection = await selectTools(console, ids, flags);
    if (!selection.ok) return console.refuse(selection.diagnostics);
    console.diagnose(selection.diagnostics);
    return installAll(console, selection.value, flags);
  }
  const opened = await openToolBundle(resolve(console.cwd, flags.bundle));
  if (!opened.ok) return console.refuse([problemDiagnostic('bundle', opened.problem)], EXIT.infrastructure);
  await using bundle = opened.bundle;
  const byProfile = ids.length === 0 && flags.profile !== undefined;
  const selection = byProfile
    ? await selectTools(console, ids, flags)
    : await selectBundled(console, ids, bundle.index, flags);
  if (!selection.ok) return console.refuse(selection.diagnostics);
  console.diagnose(selection.diagnostics);
  // Awaited here: the bundle is gone once this returns.
  return await installAll(console, selection.value, flags, bundle);
}

async function installAll(
  console: Console,
  { lock, workspace, wanted }: Selection,
  flags: Flags,
  bundle?: ToolBundle,
): Promise<number> {
  using interrupt = catchInterrupt(() => console.note('Interrupted. Stopping the installer.'));
  const problems: Diagnostic[] = [];
  const tools: object[] = [];
  const store = openStore(toolsDir(console.env));
  for (const { tool, providers, unavailable } of wanted) {
    if (interrupt.signal.aborted) return console.refuse(problems, EXIT.interrupted);
    const started = performance.now();
    const options: InstallOptions = {
      ...{ store, lock, workspace },
      offline: bundle !== undefined,
      reinstall: flags.reinstall === true,
      env: console.env,
      signal: interrupt.signal,
      onEvent: (event) => {
        if (event.type === 'installing') console.note(installingText(event));
        if (event.type === 'diagnostic') console.diagnose([event.diagnostic]);
      },
      ...(bundle === undefined ? {} : { carried: (...of) => bundle.carried(...of) }),
    };
    const found = await installFirst(
      { tool, providers, ...(unavailable ? { unavailable } : {}) },
      options,
      bundle,
    );
    if (!found.ok) {
      const tried = providers.map(({ name }) => name);
      problems.push(
        problemDiagnostic(tool, withWaysOut(found.problem, tool, catalogue.get(tool), { lock, tried })),
      );
      continue;
    }
    console.diagnose(found.passedOver.map((one) => insteadOf(tool, one, found.choice.name)));
    const outcome = found.result;
    const { ready } = outcome.entry;
    tools.push({ tool, version: ready.version, provider: ready.provider, fresh: outcome.fresh });
    const how = outcome.fresh
      ? `installed in ${duration(performance.now() - started)}`
      : 'is already installed';
    if (!console.json) console.print(`${tool} ${ready.version} ${how}`);
  }
  console.diagnose(problems);
  const exitCode = interrupt.signal.aborted
    ? EXIT.interrupted
    : problems.length > 0
      ? EXIT.infrastructure
      : EXIT.pass;
  if (console.json) console.document('tools-install', { exitCode, tools, diagnostics: problems });
  return exitCode;
}

/** From the first of its providers that is available. */
async function installFirst(
  { tool, providers, unavailable }: Wanted,
  options: InstallOptions,
  bundle: ToolBundle | undefined,
) {
  if (unavailable !== undefined) return refuse('SP4002', unavailable);
  const { lock, store } = options;
  const choices = providers.map((provider) => choice(tool, provider, lock));
  return firstAvailable(choices, store, async ({ provider, locked }) => {
    if (locked === undefined) return unpinned(tool, provider);
    const other = otherLock(bundle, tool, provider, locked.digest);
    return other ?? ensureInstalled(tool, provider, locked, options);
  });
}

function choice(tool: string, provider: Provider, lock: ToolsLock) {
  const locked = lock.tools[tool]?.[provider.name];
  const { name } = provider;
  if (locked === undefined) return { name, provider, locked };
  const { version, digest } = locked;
  return { name, provider, locked, ref: { tool, provider: name, version, digest } };
}

function unpinned(tool: string, { name }: Provider) {
  return refuse('SP4002', `tools.lock.json pins no ${name}`, `Pin it: secplan tools lock ${tool}.`);
}

/** A bundle made with another lock would fail at its first hash; this says why. */
function otherLock(bundle: ToolBundle | undefined, tool: string, provider: Provider, digest: string) {
  const held = bundle?.index.tools.find((item) => item.tool === tool && item.provider === provider.name);
  if (held === undefined || held.digest === digest) return undefined;
  return refuse(
    'SP4004',
    `the bundle contains ${held.version}, which a different lock pins`,
    'Create the bundle again with this lock.',
  );
}
