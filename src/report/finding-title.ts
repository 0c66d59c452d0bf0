import type { Finding } from '../core/finding.ts';

/**
 * A finding in a few words, for a list: what is wrong, from the rule's name or id where those are words, else from the
 * first sentence of the message. A package with its advisory.
 */
export function findingTitle(finding: Finding): string {
  const { kind, package: pack, rule, advisories, message } = finding;
  if (kind === 'vulnerability' && pack !== undefined)
    return [pack.name, pack.version, advisories.find(isCve) ?? advisories[0] ?? rule.id]
      .filter(Boolean)
      .join(' ');
  return sentenceCase(
    named(rule.name) ?? described(message, rule.name) ?? idWords(rule.id) ?? firstSentence(message),
  );
}

function isCve(id: string): boolean {
  return id.startsWith('CVE-');
}

/** A name that is a phrase, or words joined by `-`, `_` or capitals; placeholders such as `{}` are dropped. */
function named(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const plain = firstSentence(name.replace(/[:=]?\s*["'`(]*\{[^}]*\}["'`)]*/g, '')).replace(
    / (in|to|of|with|by|for)$/,
    '',
  );
  const words = plain.includes(' ')
    ? plain
    : plain.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[-_]+/g, ' ');
  // Two words that are letters: `DL3007` and `buffer/gets` say nothing to a reader.
  return /[\p{L}]{2,} [\p{L}]{2,}/u.test(words) && !/[/]/.test(words.split(' ')[0] ?? '')
    ? words.trim()
    : undefined;
}

/** The text behind `buffer/gets:`, for tools that repeat the name of the rule before their message. */
function described(message: string, name: string | undefined): string | undefined {
  if (name === undefined || !message.startsWith(`${name}:`)) return undefined;
  return firstSentence(message.slice(name.length + 1).trim());
}

/** The last part of an id such as `secplan.python.unsafe-yaml-load`, where it is words. */
function idWords(id: string): string | undefined {
  const last = id.slice(id.lastIndexOf('.') + 1);
  return /[-_]/.test(last) ? named(last) : undefined;
}

/** Up to the first full stop or the first comma after some words. */
function firstSentence(text: string): string {
  const [sentence = text] = text.split(/\.\s|\.$|; |, (?=potential|possib|which )/);
  return sentence.trim();
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
