import { compileManifest } from '../../api/compile-manifest.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import type { Provider } from '../../stages/contract.ts';
import { catalogue } from '../../stages/registry.gen.ts';
import type { ToolsLock } from '../../toolchain/lock-types.ts';
import { problemDiagnostic, refuse } from '../../toolchain/problem.ts';
import { ensureInstalled, pickProvider } from '../../toolchain/provision.ts';
import { openStore, toolsDir } from '../../toolchain/store.ts';
import type { Flags } from '../command-spec.ts';
import { compileRequest } from '../compile-request.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-code.ts';
import { catchInterrupt } from '../interrupt.ts';
import { machineView } from '../machine-view.ts';
import { unknownTool } from '../unknown-tool.ts';
import { duration, installingText } from '../views/stage-line.ts';

interface Wanted {
  readonly tool: string;
  /** Absent: nothing that can be installed. */
  readonly provider: Pick<Provider, 'name' | 'bin' | 'kind'> & { readonly thirdParty?: string };
}

interface Selection {
  readonly workspace: string;
  readonly lock: ToolsLock;
  readonly wanted: readonly Wanted[];
}

/** `secplan tools install`: what the profile needs, or the tools named, from the lock. One failure does not stop the rest. */
export async function toolsInstall(console: Console, named: unknown, flags: Flags): Promise<number> {
  const ids = Array.isArray(named) ? (named as string[]) : [];
  const selection = ids.length > 0 ? byName(console, ids) : await byProfile(console, flags);
  if (!selection.ok) return console.refuse(selection.diagnostics);
  console.diagnose(selection.diagnostics);
  const { lock, workspace, wanted } = selection.value;
  using interrupt = catchInterrupt(() => console.note('interrupted: stopping the installer'));
  const problems: Diagnostic[] = [];
  const tools: object[] = [];
  for (const { tool, provider } of wanted) {
    if (interrupt.signal.aborted) return console.refuse(problems, EXIT.interrupted);
    const locked = lock.tools[tool]?.[provider.name];
    const started = performance.now();
    const outcome =
      locked === undefined
        ? refuse('SP4002', `tools.lock.json pins no ${provider.name}`, `Pin it: secplan tools lock ${tool}.`)
        : await ensureInstalled(tool, provider, locked, {
            store: openStore(toolsDir(console.env)),
            lock,
            offline: false,
            locked: false,
            workspace,
            env: console.env,
            signal: interrupt.signal,
            onEvent: (event) => event.type === 'installing' && console.note(installingText(event)),
          });
    if (!outcome.ok) {
      problems.push(problemDiagnostic(tool, outcome.problem));
      continue;
    }
    const { ready } = outcome.entry;
    tools.push({ tool, version: ready.version, provider: ready.provider, fresh: outcome.fresh });
    const how = outcome.fresh
      ? `installed in ${duration(performance.now() - started)}`
      : 'is installed already';
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

/** Tools by id, each from its first pinned local provider that is its project's own, else the first pinned one. */
function byName(console: Console, ids: readonly string[]): Outcome<Selection> {
  const view = machineView(console, console.cwd);
  if (!view.ok) return view;
  const unknown = ids.filter((id) => !catalogue.has(id));
  if (unknown.length > 0) return failed(unknown.map(unknownTool));
  const { lock } = view.value;
  const wanted = [...new Set(ids)].flatMap((tool): readonly Wanted[] => {
    const local = (catalogue.get(tool)?.providers ?? []).filter(({ runtime }) => runtime === 'local');
    const pinned = local.filter(({ name }) => lock.tools[tool]?.[name] !== undefined);
    const provider = pinned.find(({ thirdParty }) => thirdParty === undefined) ?? pinned[0] ?? local[0];
    return provider === undefined ? [] : [{ tool, provider }];
  });
  return success({ workspace: console.cwd, lock, wanted });
}

async function byProfile(console: Console, flags: Flags): Promise<Outcome<Selection>> {
  const compiled = await compileManifest(compileRequest(console, flags));
  if (!compiled.ok) return compiled;
  const { plan, lock, loaded } = compiled.value;
  const wanted = new Map<string, Wanted>();
  for (const stage of plan.stages) {
    if (stage.kind !== 'scan' && stage.kind !== 'sbom') continue;
    const provider = (pickProvider(stage) ?? stage.providers[0])?.provider;
    // A program on PATH is nothing to install.
    if (provider === undefined || provider.kind === 'path') continue;
    wanted.set(`${stage.definition}/${provider.name}`, { tool: stage.definition, provider });
  }
  return success({ workspace: loaded.workspace, lock, wanted: [...wanted.values()] }, compiled.diagnostics);
}
