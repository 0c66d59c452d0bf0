import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Client, Container } from '@dagger.io/dagger';
import type { StageInvocation } from '../../ports.ts';
import { grantedCalls } from '../shared/granted-calls.ts';
import { seccompFilter } from '../shared/seccomp-filter.ts';
import { SECRET_PREFIX } from './enclose.ts';
import type { ImageFacts } from './image-ability.ts';
import { CANCEL, FILTER, OWNER, STREAMS } from './places.ts';

/** What every image of a system has at the same place, and what is tied to that system's libraries. */
const OF_THE_SYSTEM = /^\/usr\/(s?bin|lib(exec)?)\//;
/** Written anew with every installation: it says when that was, and no tool reads it. */
const NOT_OF_THE_TOOL = ['ready.json'];

/**
 * The container of a stage, before its first step: the tool's trees, assets and artifacts read-only at the paths that
 * a step's arguments name, the input view at /src. Nothing in it differs from run to run but content, so that
 * the engine finds in its cache what it has done before.
 */
export function stageContainer(client: Client, facts: ImageFacts, invocation: StageInvocation): Container {
  const { assets, artifacts, stage } = invocation;
  const tools = toolPaths(invocation);
  let container = withGranted(withWay(facts, tools), facts, stage.privileges ?? []);
  if (facts.enclosure === undefined && !facts.setpriv) container = container.withUser(OWNER);
  for (const path of tools) {
    const open = (statSync(path).mode & 0o005) !== 0;
    container = mounted(client, container, { from: path, at: path, ...(open ? {} : { owner: OWNER }) });
  }
  for (const [name, path] of sorted(assets))
    container = mounted(client, container, { from: path, at: `/assets/${name}` });
  for (const { name, id, writable } of stage.inputs.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = artifacts.get(id);
    if (path === undefined) continue;
    // What is kept is for its owner's eyes only.
    const mount = { from: path, at: `/artifacts/${name}`, owner: OWNER, readOnly: writable !== true };
    container = mounted(client, container, mount);
  }
  return container
    .withMountedDirectory('/src', client.host().directory(invocation.sourceDir), {
      owner: OWNER,
      readOnly: true,
    })
    .withWorkdir('/src');
}

/** The folders that every stage has, made once for an image: each would be a question to the engine. `asRoot`: steps are supervised by root. */
export function furnish(client: Client, base: Container, asRoot: boolean): Container {
  const empty = client.directory();
  return base
    .withDirectory('/tmp', empty.withNewDirectory('home', { permissions: 0o755 }), { owner: OWNER })
    .withDirectory('/out', empty, { owner: OWNER })
    .withDirectory(STREAMS, empty, asRoot ? {} : { owner: OWNER })
    .withMountedCache(CANCEL, client.cacheVolume('secplan-cancel'));
}

/** A store may lie in a user's home, and an image has its own `/root` there, which is its owner's alone. */
function withWay({ furnished, supervise }: ImageFacts, paths: readonly string[]): Container {
  const folders = new Set<string>();
  for (const path of paths) for (let at = dirname(path); at !== '/'; at = dirname(at)) folders.add(at);
  if (!supervise || folders.size === 0) return furnished;
  const script = 'for each; do mkdir -p "$each" && chmod a+x "$each"; done';
  return furnished.withExec(['sh', '-c', script, 'secplan', ...[...folders].sort()]);
}

/** With another filter of system calls than most, where the stage was granted one. */
function withGranted(
  container: Container,
  { enclosure }: ImageFacts,
  privileges: readonly string[],
): Container {
  const allow = grantedCalls(privileges);
  if (enclosure === undefined || allow.length === 0) return container;
  const filter = seccompFilter({ arch: enclosure.arch, allow }).toString('hex');
  return container.withNewFile(FILTER, filter);
}

/** Folders and files of the host that the tool consists of; none where the image holds it, or is to hold it. */
export function toolPaths({ tool }: Pick<StageInvocation, 'tool'>): string[] {
  if (tool.image !== undefined) return [];
  const { executable, mounts } = tool;
  const covered = mounts.some((mount) => executable.startsWith(`${mount}/`));
  return covered || OF_THE_SYSTEM.test(executable) ? [...mounts] : [...mounts, executable];
}

interface Mount {
  /** On the host; absolute. */
  readonly from: string;
  /** In the container. */
  readonly at: string;
  readonly owner?: string;
  readonly readOnly?: boolean;
}

function mounted(client: Client, container: Container, mount: Mount): Container {
  const { from, at, owner, readOnly = true } = mount;
  const owned = owner === undefined ? {} : { owner };
  // The engine takes a link for what it is, and its target is elsewhere.
  const path = realpathSync(from);
  return statSync(path).isDirectory()
    ? container.withMountedDirectory(at, client.host().directory(path, { exclude: NOT_OF_THE_TOOL }), {
        ...owned,
        readOnly,
      })
    : container.withMountedFile(at, client.host().file(path), owned);
}

/** The container with variables of a step that runs as the engine starts any command. */
export function withVariables(container: Container, env: Readonly<Record<string, string>>): Container {
  return sorted(env).reduce((sum, [name, value]) => sum.withEnvVariable(name, value), container);
}

/** The container with a step's secrets as the engine's, which keeps them out of what it shows. */
export function withSecrets(
  client: Client,
  container: Container,
  facts: ImageFacts,
  secrets: Readonly<Record<string, string>>,
): Container {
  const prefix = facts.enclosure === undefined ? '' : SECRET_PREFIX;
  return sorted(secrets).reduce(
    (sum, [name, value]) => sum.withSecretVariable(`${prefix}${name}`, client.setSecret(name, value)),
    container,
  );
}

function sorted(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
