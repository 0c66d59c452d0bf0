import type { Manifest } from '../manifest.gen.ts';
import { escapeKey } from '../source/pointer.ts';
import type { Reporter } from '../source/reporter.ts';

/** Members that are the address of an image or of a server, wherever they stand. */
const ADDRESSES: ReadonlySet<string> = new Set([
  ...['ref', 'image', 'url', 'apiUrl', 'endpoint', 'reuse', 'rekor', 'fulcio', 'registryMirror', 'engine'],
]);

/** Members whose content is somebody else's: a program's own variables, or free words. */
const FOREIGN: ReadonlySet<string> = new Set(['env', 'options', 'labels', 'match']);

/** What Compose, shells, CI systems and templates would fill in. No image reference and no host has a `$` or a brace. */
const VARIABLE = /\$\{[^}]*\}?|\$\([^)]*\)?|\$[A-Za-z_]\w*|\{\{.*?\}\}/;

/** Reports addresses that hold a variable (SP2021): nothing fills it in, so that something else would be scanned. */
export function checkAddresses(manifest: Manifest, out: Reporter): void {
  walk(manifest, '', out);
}

function walk(value: unknown, pointer: string, out: Reporter): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (FOREIGN.has(key)) continue;
    const at = `${pointer}/${escapeKey(key)}`;
    const variable =
      typeof member === 'string' && ADDRESSES.has(key) ? VARIABLE.exec(member)?.[0] : undefined;
    if (variable === undefined) walk(member, at, out);
    else {
      out.report(
        'SP2021',
        at,
        `secplan does not fill in variables: ${JSON.stringify(key)} contains ${variable}`,
        {
          value: String(member),
          help: 'Write the address itself, for example from a template in the step before, or use --stack-base-url for a stack.',
        },
      );
    }
  }
}
