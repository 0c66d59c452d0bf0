import { oneLine } from './one-line.ts';
import type { SarifMessage } from './sarif-schema.ts';

type Strings = Readonly<Record<string, SarifMessage>> | null | undefined;

/**
 * The text of a message (SARIF 2.1.0, section 3.11): its own, else the one that its `id` names in the first of `strings`
 * that has it, with its arguments filled in. Undefined where there is none.
 */
export function sarifText(
  message: SarifMessage | null | undefined,
  ...strings: readonly Strings[]
): string | undefined {
  if (!message) return undefined;
  const { id, arguments: filling } = message;
  const found = strings.flatMap((table) =>
    id && table && Object.hasOwn(table, id) ? (table[id] ?? []) : [],
  );
  const template = [message, ...found].flatMap(({ text, markdown }) => text || markdown || []).at(0);
  if (template === undefined) return undefined;
  return oneLine(withoutLinks(filling && filling.length > 0 ? filled(template, filling) : template));
}

/** Section 3.11.5: `{0}` is the first argument, doubled braces are braces. Texts without arguments hold braces of code. */
function filled(template: string, filling: readonly string[]): string {
  return template.replace(/\{\{|\}\}|\{(\d{1,4})\}/g, (all, index) =>
    index === undefined ? all.charAt(0) : (filling[Number(index)] ?? all),
  );
}

/** Section 3.11.6: a link to a related location of the result, `[source](1)`, is its text. */
function withoutLinks(text: string): string {
  return text.replace(/\[((?:[^[\]\\\n]|\\[[\]]){1,500})\]\(\d{1,9}\)/g, (_all, words: string) =>
    words.replace(/\\([[\]])/g, '$1'),
  );
}
