import { parseAllDocuments } from 'yaml';
import { when } from './content.ts';

// Apart from the other tests of contents: these alone need the parser.

/** A longer one is not parsed here, and counts as read. Bytes. */
const MAX_YAML = 512 * 1024;

export const noYaml = when(
  (content) => content.length <= MAX_YAML && !isYaml(content.toString('utf8')),
  'it cannot be parsed as YAML',
);

function isYaml(text: string): boolean {
  try {
    const documents = parseAllDocuments(text, { logLevel: 'silent', prettyErrors: false });
    return documents.every(({ errors }) => errors.length === 0);
  } catch {
    return false;
  }
}
