import { unreachable } from './unreachable.ts';

/** Why a scanner did not check a file that it was given. */
export type WhyUnexamined =
  /** It could not read or parse the file; `detail` says it in the scanner's words, without text of the file. */
  | { readonly kind: 'not-understood'; readonly detail: string }
  /** A rule of the scanner passes such files over; `detail` says which. */
  | { readonly kind: 'passed-over'; readonly detail: string }
  /** An image, an archive or the like: there is no text in it, and the scanner reads text. */
  | { readonly kind: 'no-text' }
  /** White space at most: there is nothing in it to be found. */
  | { readonly kind: 'empty' }
  /** The scanner does not list it among the files that it read, and does not say why. */
  | { readonly kind: 'silent' };

/** One file that a scanner was given and did not check; the path is relative to the workspace. */
export interface UnexaminedFile {
  readonly path: string;
  readonly why: WhyUnexamined;
}

/** Its one line for people, without the path. */
export function unexaminedText(why: WhyUnexamined): string {
  switch (why.kind) {
    case 'not-understood':
      return `not examined: ${why.detail}`;
    case 'passed-over':
      return `passed over: ${why.detail}`;
    case 'no-text':
      return 'not examined: it is not text';
    case 'empty':
      return 'not examined: it is empty';
    case 'silent':
      return 'not examined: the scanner does not list it and gives no reason';
    default:
      return unreachable(why);
  }
}

/** Whether a pass would promise too much: something in the file may be what the scanner looks for. */
export function countsAsUnexamined({ kind }: WhyUnexamined): boolean {
  return kind !== 'no-text' && kind !== 'empty';
}
