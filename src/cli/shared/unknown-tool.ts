import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';

/** SP2006 for a tool that the catalogue does not hold. */
export function unknownTool(id: string): Diagnostic {
  const meant = didYouMean(id, catalogue.keys());
  return diagnostic('SP2006', `unknown tool ${JSON.stringify(id)}`, {
    ...(meant === undefined ? {} : { didYouMean: meant }),
    help: '`secplan tools list` prints all ids.',
  });
}
