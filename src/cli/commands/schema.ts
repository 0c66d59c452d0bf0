import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../app/package/package-root.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';

const SUFFIX = '.schema.json';

/** `secplan schema [NAME]`: a JSON Schema of the package as it is, or the names of all. */
export async function schema(console: Console, name: unknown): Promise<number> {
  const folder = join(packageRoot(), 'schema');
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort();
  if (name === undefined) {
    console.print(names.join('\n'));
    return EXIT.pass;
  }
  if (!names.includes(String(name))) {
    const meant = didYouMean(String(name), names);
    return console.refuse([
      diagnostic('SP9001', `no schema ${JSON.stringify(name)}`, {
        allowed: names,
        ...(meant === undefined ? {} : { didYouMean: meant }),
      }),
    ]);
  }
  console.raw(readFileSync(join(folder, `${name}${SUFFIX}`), 'utf8'));
  return EXIT.pass;
}
