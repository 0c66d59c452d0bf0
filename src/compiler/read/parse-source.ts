import type { Outcome } from '../../core/outcome.ts';
import type { SourceTree } from '../source/source-tree.ts';
import { parseJson } from './parse-json.ts';
import type { Language } from './read.ts';

/** Parses a manifest's text; the parsers of YAML and CUE are loaded only for their languages. */
export async function parseSource(
  language: Language,
  file: string,
  text: string,
): Promise<Outcome<SourceTree>> {
  switch (language) {
    case 'json':
      return parseJson(file, text);
    case 'yaml':
      return (await import('./parse-yaml.ts')).parseYaml(file, text);
    case 'cue':
      return await (await import('./parse-cue.ts')).parseCue(file, { [file]: text });
  }
}
