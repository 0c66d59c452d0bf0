import { join } from 'node:path';
import { compileManifest } from '../../app/compile/compile-manifest.ts';
import { lockToInstall } from '../../app/trust/lock-to-install.ts';
import { keepTrust, trustState } from '../../app/trust/trust-workspace.ts';
import { readManifest } from '../../compiler/read/read.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { Outcome } from '../../core/outcome.ts';
import { writeWholeFile } from '../../io/write-whole-file.ts';
import { BASE_IMAGE, DEFAULT_BASE } from '../../lock/base-image.ts';
import { emptyLock, serializeLock, withEntry } from '../../lock/lock.ts';
import type { LockedProvider, ToolsLock } from '../../lock/lock-types.ts';
import { LOCK_FILE, readLock } from '../../lock/read-lock.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { isResolvable, type Provider } from '../../stages/contract/provider.ts';
import { lockTool } from '../../toolchain/lock-tools.ts';
import { openStore, toolsDir } from '../../toolchain/shared/store.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { planFlags } from '../shared/plan-flags.ts';
import { unknownTool } from '../shared/unknown-tool.ts';

/** `secplan tools lock TOOL[@VERSION]…`: pins tools in the tools.lock.json beside the manifest. Installs nothing. */
export async function toolsLock(console: Console, named: unknown, flags: Flags): Promise<number> {
  const wanted = (named as readonly string[]).map((text) => {
    const at = text.lastIndexOf('@');
    return at > 0 ? { id: text.slice(0, at), version: text.slice(at + 1) } : { id: text, version: undefined };
  });
  const unknown = wanted.filter(({ id }) => id !== BASE_IMAGE && !catalogue.has(id));
  if (unknown.length > 0) return console.refuse(unknown.map(({ id }) => unknownTool(id)));
  const folder = workspaceOf(console, flags);
  const own = readLock(join(folder, LOCK_FILE));
  if (!own.ok) return console.refuse(own.diagnostics);
  const all = await lockToInstall(folder, { env: console.env, trustWorkspace: false });
  if (!all.ok) return console.refuse(all.diagnostics);
  const request = { ...planFlags(flags), cwd: console.cwd, env: console.env };
  const before = await trustState(request);
  let lock = own.value ?? emptyLock();
  const pinned: object[] = [];
  const problems: Diagnostic[] = [];
  for (const { id, version } of wanted) {
    const providers = providersOf(id, flags);
    if (providers.length === 0) problems.push(noProvider(id));
    for (const provider of providers) {
      const entry = await pin({ id, version, provider }, { console, flags, folder, lock: all.value });
      if (!entry.ok) {
        problems.push(...entry.diagnostics);
        continue;
      }
      lock = withPin(lock, all.value, { id, provider: provider.name }, entry.value);
      const { packages, digest } = entry.value;
      const facts = { provider: provider.name, version: entry.value.version, packages: packages.length };
      pinned.push({ tool: id, ...facts, digest });
      if (!console.json) {
        console.print(`${id} ${facts.version} pinned (${facts.provider}, ${facts.packages} packages)`);
      }
    }
  }
  if (pinned.length > 0) {
    await writeWholeFile(join(folder, LOCK_FILE), serializeLock(lock));
    console.diagnose(await keepTrust(request, before));
  }
  console.diagnose(problems);
  const exitCode = problems.length > 0 ? EXIT.infrastructure : EXIT.pass;
  if (console.json)
    console.document('tools-locked', { exitCode, file: LOCK_FILE, pinned, diagnostics: problems });
  return exitCode;
}

function noProvider(id: string): Diagnostic {
  return diagnostic('SP4002', `${id} has no provider that can be pinned by name`, {
    help: `\`secplan tools show ${id}\` lists its providers; write release files into the lock by hand.`,
  });
}

interface Pin {
  readonly id: string;
  readonly version: string | undefined;
  readonly provider: Lockable;
}

interface PinPlace {
  readonly console: Console;
  readonly flags: Flags;
  /** The manifest's. */
  readonly folder: string;
  /** All locks in force. */
  readonly lock: ToolsLock;
}

/** Looks up what the provider's exact packages are. */
async function pin(
  { id, version, provider }: Pin,
  { console, flags, folder, lock }: PinPlace,
): Promise<Outcome<LockedProvider>> {
  console.note(
    `resolving ${id}${version === undefined ? '' : ` ${version}`} (${provider.kind}:${provider.package})`,
  );
  return lockTool(id, provider, tagOf(provider, version, lock.tools[id]), {
    store: openStore(toolsDir(console.env)),
    lock,
    workspace: folder,
    mirror: provider.kind === 'image' ? await mirrorOf(console, flags) : undefined,
    env: console.env,
  });
}

type Lockable = Pick<Provider, 'name' | 'kind' | 'package'>;

/** What of a tool is to be pinned: the provider named, else each that can be resolved, images only when asked for. */
function providersOf(id: string, flags: Flags): readonly Lockable[] {
  if (id === BASE_IMAGE) return [{ name: BASE_IMAGE, kind: 'image', package: DEFAULT_BASE.package }];
  return (catalogue.get(id)?.providers ?? []).filter(({ kind, name }) => {
    if (flags.provider !== undefined) return name === flags.provider && kind !== 'path';
    return isResolvable(kind) || (kind === 'image' && flags.images === true);
  });
}

/** The tag of an image that none was named for: the version that the tool is pinned to elsewhere, so that both agree. */
function tagOf(
  { name, kind }: Lockable,
  version: string | undefined,
  pinned: ToolsLock['tools'][string] = {},
): string | undefined {
  if (version !== undefined || kind !== 'image') return version;
  if (name === BASE_IMAGE) return DEFAULT_BASE.tag;
  return Object.values(pinned).find((entry) => entry.kind !== 'image')?.version;
}

/** The registry that the manifest has images pulled through. */
async function mirrorOf(console: Console, flags: Flags): Promise<string | undefined> {
  const compiled = await compileManifest({ ...planFlags(flags), cwd: console.cwd });
  return compiled.ok ? compiled.value.model.dagger.registryMirror : undefined;
}

/** A tool is taken whole from the lock that names it: its other providers must not get lost. */
function withPin(
  lock: ToolsLock,
  known: ToolsLock,
  { id, provider }: { readonly id: string; readonly provider: string },
  entry: LockedProvider,
): ToolsLock {
  if (id === BASE_IMAGE) return { ...lock, images: { ...lock.images, [BASE_IMAGE]: entry } };
  const others = lock.tools[id] === undefined ? Object.entries(known.tools[id] ?? {}) : [];
  const whole = others.reduce((sum, [name, other]) => withEntry(sum, id, name, other), lock);
  return withEntry(whole, id, provider, entry);
}

/** The folder of the manifest, which the lock lies beside; the working folder where there is none. */
function workspaceOf(console: Console, flags: Flags): string {
  const { manifestPath, workspace } = planFlags(flags);
  const source = readManifest({ cwd: console.cwd, manifestPath, workspace });
  return source.ok ? source.value.workspace : console.cwd;
}
