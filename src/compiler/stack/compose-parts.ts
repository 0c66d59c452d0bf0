import type { KnownNames } from '../names/known-names.ts';
import { pointer } from '../source/pointer.ts';
import type { Reporter } from '../source/reporter.ts';
import type { ComposeContext } from './compose-context.ts';
import type { ComposeService } from './compose-service.ts';
import { composeParts, type EnvText } from './env-parts.ts';
import { splitWords } from './split-words.ts';

/** Text outside of `environment`: defaults are filled in, a secret is refused (SP2043). */
export function plain(text: string, at: string, { out }: ComposeContext): string | undefined {
  const read = composeParts(text, new Set());
  const [part = '', ...more] = read.ok ? read.parts : [{ secret: '' }];
  if (more.length === 0 && typeof part === 'string') return part;
  out.report('SP2043', at, 'a variable without a default is allowed only in an environment value');
  return undefined;
}

/** `command` and the like as an argv; a text is split into words, no shell reads it. */
export function composeWords(
  words: ComposeService['command'],
  at: string,
  context: ComposeContext,
): readonly string[] | undefined {
  if (words === undefined || words === null) return undefined;
  const list = typeof words === 'string' ? splitWords(words) : words.map(String);
  if (list === undefined) {
    context.out.report('SP2044', at, 'the command has an unclosed quote');
    return undefined;
  }
  const plains = list.map((word) => plain(word, at, context));
  return plains.every((word) => word !== undefined) ? plains : undefined;
}

/** Ports inside the container; where they would be published on a host is of no interest. */
export function composePorts(service: ComposeService, at: string, { out }: ComposeContext): number[] {
  const found = new Set<number>();
  for (const key of ['ports', 'expose'] as const) {
    for (const [index, port] of (service[key] ?? []).entries()) {
      const number = typeof port === 'object' ? port.target : portOf(port);
      if (number !== undefined) found.add(number);
      else out.report('SP2044', `${at}/${key}/${index}`, 'not a single port', { value: String(port) });
    }
  }
  return [...found];
}

function portOf(written: string | number): number | undefined {
  const digits = /^(?:.*:)?([0-9]{1,5})(?:\/(?:tcp|udp))?$/.exec(String(written))?.[1];
  const number = Number(digits);
  return number >= 1 && number <= 65_535 ? number : undefined;
}

/** A variable without a value would be the environment's of whoever starts it: here it is a declared secret. */
export function composeEnvironment(
  written: ComposeService['environment'],
  at: string,
  names: KnownNames,
): { readonly name: string; readonly text: EnvText; readonly pointer: string }[] {
  const entries: [name: string, value: unknown, key: string | number][] = Array.isArray(written)
    ? written.map((line, index) => {
        const equals = line.indexOf('=');
        return equals === -1 ? [line, null, index] : [line.slice(0, equals), line.slice(equals + 1), index];
      })
    : Object.entries(written ?? {}).map(([name, value]) => [name, value, name]);
  return entries.map(([name, value, key]) => ({
    name,
    text:
      value === null
        ? { ok: true as const, parts: [{ secret: name }] }
        : composeParts(String(value), names.secrets),
    pointer: `${at}/environment${pointer(key)}`,
  }));
}

/** Compose waits for a dependency to be started or healthy; here it is always healthy. One that must end is refused. */
export function composeDependencies(
  written: ComposeService['depends_on'],
  at: string,
  out: Reporter,
): readonly string[] {
  if (written === undefined) return [];
  if (Array.isArray(written)) return [...new Set(written)].sort();
  for (const [name, how] of Object.entries(written)) {
    const condition = how?.condition ?? 'service_started';
    if (condition === 'service_started' || condition === 'service_healthy') continue;
    out.report('SP2044', `${at}/depends_on${pointer(name)}/condition`, 'not a supported condition', {
      value: condition,
      allowed: ['service_started', 'service_healthy'],
    });
  }
  return Object.keys(written).sort();
}
