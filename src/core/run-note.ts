import { unreachable } from './unreachable.ts';

/** What the reader of a stage's result should know although it is no finding. */
export type RunNote =
  /** The tool's report says it about a file, for example that it could not be parsed. */
  | { readonly kind: 'about-file'; readonly path: string; readonly message: string }
  /** The tool's report says it about the whole. */
  | { readonly kind: 'of-tool'; readonly message: string }
  | { readonly kind: 'host-not-reached'; readonly host: string; readonly why: string }
  | { readonly kind: 'host-refused'; readonly host: string };

/** A parser's note with its kind. */
export function noteOfReport({
  message,
  path,
}: {
  readonly message: string;
  readonly path?: string;
}): RunNote {
  return path === undefined ? { kind: 'of-tool', message } : { kind: 'about-file', path, message };
}

/** Its one line for people. */
export function runNoteText(note: RunNote): string {
  switch (note.kind) {
    case 'about-file':
      return `${note.path}: ${note.message}`;
    case 'of-tool':
      return note.message;
    case 'host-not-reached':
      return `network: ${note.host} was not reached (${note.why})`;
    case 'host-refused':
      return `network: ${note.host} is not an allowed host`;
    default:
      return unreachable(note);
  }
}
