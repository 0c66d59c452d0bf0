import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../app/package/package-root.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';

const SUFFIX = '.schema.json';

/** A document's `schema` member. */
const ID = /^https:\/\/secplan\.dev\/schema\/(?<name>[a-z0-9-]+)\/v1$/;

/** `secplan schema [NAME|ID]`: a JSON Schema of the package as it is, or the names of all. */
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
  const asked = String(name).replace(ID, '$<name>');
  if (!names.includes(asked)) {
    const meant = didYouMean(asked, names);
    return console.refuse([
      diagnostic('SP9001', `no schema ${JSON.stringify(name)}`, {
        allowed: names,
        ...(meant === undefined ? {} : { didYouMean: meant }),
      }),
    ]);
  }
  console.raw(readFileSync(join(folder, `${asked}${SUFFIX}`), 'utf8'));
  return EXIT.pass;
}
