import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { listTrusted, revokeTrusted } from '../../app/trust/trust-store.ts';
import { trustWorkspace } from '../../app/trust/trust-workspace.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { printable } from '../shared/paint.ts';

/** `secplan trust [PATH]`: shows what a workspace decides and notes that the user trusts exactly this; `--list`, `--revoke`. */
export async function trust(console: Console, path: unknown, flags: Flags): Promise<number> {
  if (flags.list === true && flags.revoke === true)
    return console.refuse([diagnostic('SP9001', '--list and --revoke cannot be used together')]);
  if (flags.list === true) return list(console);
  const named = typeof path === 'string' ? path : undefined;
  if (flags.revoke === true) return revoke(console, named ?? '.');
  const trusted = await trustWorkspace({
    ...(typeof flags.manifest === 'string'
      ? { cwd: console.cwd, workspace: named, manifestPath: flags.manifest }
      : { cwd: resolve(console.cwd, named ?? '.') }),
    env: console.env,
    plan: typeof flags.plan === 'string' ? resolve(console.cwd, flags.plan) : undefined,
  });
  if (!trusted.ok) return console.refuse(trusted.diagnostics);
  const { workspace, facts } = trusted.value;
  const what = Object.values(facts);
  if (console.json) {
    console.document('trust', { workspace, trusted: what });
    return EXIT.pass;
  }
  if (what.length === 0) {
    console.print(
      `Nothing to trust in ${printable(workspace)}: it grants no secret, network access or program.`,
    );
    return EXIT.pass;
  }
  console.print(`${console.paint('bold', 'Trusted')} ${printable(workspace)}`);
  for (const text of what) console.print(`  ${printable(text)}`);
  console.print('A change of any of these asks again. `secplan trust --revoke` takes the decision back.');
  return EXIT.pass;
}

function list(console: Console): number {
  const entries = listTrusted(console.env);
  if (console.json) {
    const workspaces = entries.map(({ workspace, manifest, facts }) => ({
      workspace,
      manifest,
      trusted: Object.values(facts),
    }));
    console.document('trusted', { workspaces });
    return EXIT.pass;
  }
  if (entries.length === 0) console.print('No workspace is trusted.');
  for (const { workspace, manifest, facts } of entries) {
    const about = manifest === '' ? 'no manifest' : manifest;
    console.print(`${printable(workspace)} (${printable(about)}): ${Object.keys(facts).length} facts`);
  }
  return EXIT.pass;
}

/** A workspace that is gone is revoked by the path that `--list` prints. */
async function revoke(console: Console, path: string): Promise<number> {
  const absolute = resolve(console.cwd, path);
  const workspace = await realpath(absolute).catch(() => absolute);
  const removed = revokeTrusted(console.env, workspace);
  if (console.json) console.document('trust', { workspace, trusted: [] });
  else if (removed === 0) console.print(`${printable(workspace)} was not trusted.`);
  else console.print(`${printable(workspace)} is no longer trusted.`);
  return EXIT.pass;
}
