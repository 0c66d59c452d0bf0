import type { EnvPart } from '../model/model.ts';
import { checkSecret, type KnownNames } from '../names/known-names.ts';
import type { Reporter } from '../source/reporter.ts';
import type { EnvText } from './env-parts.ts';

/** An environment with its secrets looked up (SP2013) and what is no reference reported (SP2043); sorted by name. */
export function serviceEnv(
  entries: readonly { readonly name: string; readonly text: EnvText; readonly pointer: string }[],
  names: KnownNames,
  out: Reporter,
): Readonly<Record<string, readonly EnvPart[]>> {
  const env: [string, readonly EnvPart[]][] = [];
  for (const { name, text, pointer } of entries) {
    if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/.test(name)) {
      out.report('SP2043', pointer, 'not the name of an environment variable', { value: name });
      continue;
    }
    if (!text.ok) {
      out.report('SP2043', pointer, `value of ${name} is not valid at character ${text.unclear + 1}`);
      continue;
    }
    for (const part of text.parts) {
      if (typeof part !== 'string') checkSecret(part.secret, pointer, names, out);
    }
    env.push([name, text.parts]);
  }
  return Object.fromEntries(env.sort(([a], [b]) => (a < b ? -1 : 1)));
}
