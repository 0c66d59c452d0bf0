import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { openStore, toolsDir } from '../../src/toolchain/shared/store.ts';

/** Other projects' verifiers are looked for in this order: a variable, PATH, secplan's own store, where `just conform` puts them. */
async function inStore(tool: string): Promise<string | undefined> {
  const entries = await openStore(toolsDir(process.env)).list();
  const entry = entries.find(({ ready }) => ready.tool === tool);
  return entry && join(entry.dir, entry.ready.executable);
}

function onPath(name: string): string | undefined {
  const found = spawnSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
  return found === '' ? undefined : found;
}

/** cosign's path; undefined, said loudly with what is then not checked, where there is none. */
export async function findCosign(what: string): Promise<string | undefined> {
  const found = process.env.SECPLAN_COSIGN ?? onPath('cosign') ?? (await inStore('cosign'));
  if (found === undefined)
    process.stderr.write(
      `\nSKIPPED: cosign is not here (SECPLAN_COSIGN, PATH or secplan's store; \`just conform\` builds it): ${what}\n\n`,
    );
  return found;
}

/** A Python that has in-toto; undefined, said loudly, where there is none. */
export async function findInTotoPython(what: string): Promise<string | undefined> {
  const own = await inStore('in-toto');
  const candidates = [
    process.env.SECPLAN_IN_TOTO_PYTHON,
    ...(own === undefined ? [] : [join(dirname(own), 'python'), join(dirname(own), 'python3')]),
    'python3',
  ].filter((path) => path !== undefined);
  const found = candidates.find(
    (path) => spawnSync(path, ['-c', 'import in_toto'], { stdio: 'ignore' }).status === 0,
  );
  if (found === undefined)
    process.stderr.write(
      `\nSKIPPED: in-toto is not here (SECPLAN_IN_TOTO_PYTHON, secplan's store or python3): ${what}\n\n`,
    );
  return found;
}
