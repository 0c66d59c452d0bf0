import { join } from 'node:path';
import { readManifest } from '../../compiler/read.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { catalogue } from '../../stages/registry.gen.ts';
import { emptyLock, serializeLock, withEntry } from '../../toolchain/lock.ts';
import { lockTool } from '../../toolchain/lock-tools.ts';
import { LOCK_FILE, readLock, readLocks } from '../../toolchain/read-lock.ts';
import { openStore, toolsDir } from '../../toolchain/store.ts';
import type { Flags } from '../command-spec.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-code.ts';
import { unknownTool } from '../unknown-tool.ts';
import { writeWholeFile } from '../write-whole-file.ts';

/** Kinds whose exact packages can be looked up; the others are written into the lock by hand. */
const RESOLVABLE: ReadonlySet<string> = new Set(['pypi', 'npm', 'go', 'debian']);

/** `secplan tools lock TOOL[@VERSION]…`: pins tools in the tools.lock.json beside the manifest. Installs nothing. */
export async function toolsLock(console: Console, named: unknown, flags: Flags): Promise<number> {
  const wanted = (named as readonly string[]).map((text) => {
    const at = text.lastIndexOf('@');
    return at > 0 ? { id: text.slice(0, at), version: text.slice(at + 1) } : { id: text, version: undefined };
  });
  const unknown = wanted.filter(({ id }) => !catalogue.has(id));
  if (unknown.length > 0) return console.refuse(unknown.map(({ id }) => unknownTool(id)));
  const folder = workspaceOf(console, flags);
  const own = readLock(join(folder, LOCK_FILE));
  if (!own.ok) return console.refuse(own.diagnostics);
  const all = readLocks(folder);
  if (!all.ok) return console.refuse(all.diagnostics);
  let lock = own.value ?? emptyLock();
  const pinned: object[] = [];
  const problems: Diagnostic[] = [];
  for (const { id, version } of wanted) {
    const providers = (catalogue.get(id)?.providers ?? []).filter(
      ({ runtime, kind, name }) =>
        runtime === 'local' &&
        (flags.provider === undefined ? RESOLVABLE.has(kind) : name === flags.provider),
    );
    if (providers.length === 0) {
      problems.push(
        diagnostic('SP4002', `${id} has no provider that can be pinned by name`, {
          help: `\`secplan tools show ${id}\` lists its providers; release files are written into the lock by hand.`,
        }),
      );
    }
    for (const provider of providers) {
      console.note(
        `resolving ${id}${version === undefined ? '' : ` ${version}`} (${provider.kind}:${provider.package})`,
      );
      const store = openStore(toolsDir(console.env));
      const entry = await lockTool(id, provider, version, {
        store,
        lock: all.value,
        workspace: folder,
        env: console.env,
      });
      if (!entry.ok) {
        problems.push(...entry.diagnostics);
        continue;
      }
      // A tool is taken whole from the lock that names it: its other providers must not get lost.
      if (lock.tools[id] === undefined) {
        for (const [name, known] of Object.entries(all.value.tools[id] ?? {}))
          lock = withEntry(lock, id, name, known);
      }
      lock = withEntry(lock, id, provider.name, entry.value);
      const { packages, digest } = entry.value;
      pinned.push({
        tool: id,
        provider: provider.name,
        version: entry.value.version,
        packages: packages.length,
        digest,
      });
      if (!console.json) {
        console.print(`${id} ${entry.value.version} pinned (${provider.name}, ${packages.length} packages)`);
      }
    }
  }
  if (pinned.length > 0) await writeWholeFile(join(folder, LOCK_FILE), serializeLock(lock));
  console.diagnose(problems);
  const exitCode = problems.length > 0 ? EXIT.infrastructure : EXIT.pass;
  if (console.json)
    console.document('tools-lock', { exitCode, file: LOCK_FILE, pinned, diagnostics: problems });
  return exitCode;
}

/** The folder of the manifest, which the lock lies beside; the working folder where there is none. */
function workspaceOf(console: Console, { manifest, workspace }: Flags): string {
  const source = readManifest({
    cwd: console.cwd,
    ...(typeof manifest === 'string' ? { manifestPath: manifest } : {}),
    ...(typeof workspace === 'string' ? { workspace } : {}),
  });
  return source.ok ? source.value.workspace : console.cwd;
}
