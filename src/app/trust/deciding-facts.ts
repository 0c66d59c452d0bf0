import type { Manifest } from '../../compiler/manifest.gen.ts';
import { CUSTOM_TOOLS } from '../../compiler/names/custom-tools.ts';
import { canonicalJson } from '../../core/canonical.ts';
import { isRecord } from '../../core/is-record.ts';
import type { OwnPin } from '../../planner/ir/ir.ts';
import { grantsOf, isGranted, namesSecret } from './grants.ts';

import { type Command, openPrograms, type ProgramFiles } from './program-files.ts';

/** One thing in a scanned tree that decides what runs or whom to believe. */
export interface DecidingFact {
  /** `unchecked`: files that cannot all be read, so that nobody can vouch for them. */
  readonly kind: 'grant' | 'pin' | 'command' | 'program' | 'unchecked';
  /** Equal for the same fact, in whatever order and at whatever time. */
  readonly identity: string;
  /** In words, for example `the secret TOKEN`. */
  readonly what: string;
  /** In the manifest; absent for a file. */
  readonly pointer?: string;
  /** False where it decides nothing as long as stages run in a sandbox: a command without network and secrets. */
  readonly always: boolean;
}

/** All of them; empty for a manifest that only says what to scan and how strictly. */
export function decidingFacts(
  workspace: string,
  manifest: Manifest,
  pins: readonly OwnPin[],
): readonly DecidingFact[] {
  const unsandboxed = manifest.runtime?.local?.sandbox === false;
  const grants = grantsOf(manifest).map(
    ({ pointer, what, identity }): DecidingFact => ({ kind: 'grant', identity, what, pointer, always: true }),
  );
  const programsOf = openPrograms(workspace);
  const commands = commandsOf(manifest).flatMap((command): DecidingFact[] => {
    const { pointer, name, words } = command;
    const always = command.granted || unsandboxed;
    const identity = `command ${name} ${canonicalJson(words)}`;
    const own: DecidingFact = { kind: 'command', identity, what: `the command of ${name}`, pointer, always };
    return [...(command.granted ? [] : [own]), ...programFacts(programsOf(command), command, always)];
  });
  return [...grants, ...pins.map(pinFact), ...commands];
}

/** A pin of a tools.lock.json. */
export function pinFact(pin: OwnPin): DecidingFact {
  const { what, state, digest } = pin;
  return {
    kind: 'pin',
    identity: `${state} ${what} ${digest}`,
    what: `tools.lock.json: ${pinText(pin)}`,
    always: true,
  };
}

/** A pin in words, with package, version and hash. */
export function pinText({ what, state, package: name, version, digest }: OwnPin): string {
  return `${what} is ${state === 'dropped' ? 'no longer pinned' : `${name} ${version} (${digest})`}`;
}

/** Commands of custom tools, of services that are given a secret, and a Compose file that may name some. */
export function commandsOf(manifest: Manifest): readonly Command[] {
  const custom = Object.entries(
    (manifest.tools as { custom?: Record<string, unknown> } | undefined)?.[CUSTOM_TOOLS] ?? {},
  ).flatMap(([name, tool]): Command[] => {
    const words = isRecord(tool) ? [...textsOf(tool.command), ...textsOf(tool.args)] : [];
    if (words.length === 0) return [];
    return [{ pointer: `/tools/custom/${name}`, name, words, granted: isGranted(tool) }];
  });
  const services = Object.entries(manifest.stack?.services ?? {}).flatMap(([name, service]): Command[] => {
    if (!namesSecret(service)) return [];
    const words = [...textsOf(service.command), ...textsOf(service.health?.command)];
    return [{ pointer: `/stack/services/${name}`, name, words, granted: true }];
  });
  const compose = manifest.stack?.compose;
  const composed: Command[] =
    compose === undefined || manifest.secrets === undefined
      ? []
      : [{ pointer: '/stack/compose', name: 'the stack', words: [compose], granted: true }];
  return [...custom, ...services, ...composed];
}

function programFacts(files: ProgramFiles, command: Command, always: boolean): readonly DecidingFact[] {
  const { name, pointer } = command;
  if (files === undefined) return [tooMany(command, always)];
  return [...files].map(([path, digest]) => ({
    kind: 'program',
    identity: `program ${path} ${digest}`,
    what: `${path}, which ${name} may run`,
    pointer,
    always,
  }));
}

function tooMany({ name, pointer }: Command, always: boolean): DecidingFact {
  const what = `the files beside the program of ${name} are too many or too large to check; keep its scripts in a separate folder`;
  return { kind: 'unchecked', identity: `unchecked ${name}`, what, pointer, always };
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : [];
}
