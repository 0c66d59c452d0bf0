import type { Result } from '../../core/result.ts';
import type { EnvPart } from '../model/model.ts';

/** How a text refers to secrets: `unclear` is an offset at which something begins that is no reference. */
export type EnvText = Result<{ readonly parts: readonly EnvPart[] }, { readonly unclear: number }>;

const NAME = '[A-Za-z_][A-Za-z0-9_]{0,63}';
const WHOLE = new RegExp(`^secret:(${NAME})$`);
const OWN = new RegExp(`\\$\\$\\{|\\$\\{(${NAME})\\}|\\$\\{`, 'g');
const COMPOSE = new RegExp(`\\$\\$|\\$\\{(${NAME})(?::?-([^{}$]*))?\\}|\\$(${NAME})|\\$`, 'g');

/** A value of `env` in the manifest: `secret:NAME`, or text with `${NAME}` for secrets and `$${` for a literal `${`. */
export function envParts(text: string): EnvText {
  const whole = WHOLE.exec(text)?.[1];
  if (whole !== undefined) return { ok: true, parts: [{ secret: whole }] };
  return split(text, OWN, ([found, name]) => {
    if (name !== undefined) return { secret: name };
    return found.length === 3 ? found.slice(1) : undefined;
  });
}

/**
 * A value of a Compose file, where `${NAME}`, `$NAME` and `${NAME:-default}` stand for variables and `$$` for a dollar
 * sign. No variable of the environment is read: a name is a declared secret, else its default.
 */
export function composeParts(text: string, declared: ReadonlySet<string>): EnvText {
  return split(text, COMPOSE, ([found, braced, fallback, bare]) => {
    if (found === '$$') return '$';
    const name = braced ?? bare;
    if (name === undefined) return undefined;
    return declared.has(name) || fallback === undefined ? { secret: name } : fallback;
  });
}

function split(
  text: string,
  pattern: RegExp,
  read: (match: RegExpExecArray) => EnvPart | undefined,
): EnvText {
  const parts: EnvPart[] = [];
  const add = (part: EnvPart): void => {
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else if (part !== '') parts.push(part);
  };
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    const part = read(match);
    if (part === undefined) return { ok: false, unclear: match.index };
    add(text.slice(from, match.index));
    add(part);
    from = match.index + match[0].length;
  }
  add(text.slice(from));
  return { ok: true, parts };
}
