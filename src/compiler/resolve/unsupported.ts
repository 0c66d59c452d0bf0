import type { Catalogue } from '../../stages/contract/catalogue.ts';
import type { TargetKind } from '../../stages/contract/target.ts';
import type { Manifest, Targets } from '../manifest.gen.ts';
import { matchingPointers } from '../source/matching-pointers.ts';
import type { Reporter } from '../source/reporter.ts';

interface Unsupported {
  /** Keys from the root; `*` is any key or index. */
  readonly path: readonly string[];
  readonly what: string;
  /** Only these values; any, where absent. */
  readonly when?: (value: unknown) => boolean;
}

/** What the schema takes and this version does not do yet. Whoever builds one deletes its line. */
const UNSUPPORTED: readonly Unsupported[] = [
  { path: ['tools', '*', 'config'], what: 'a configuration file of the tool' },
  { path: ['runtime', 'default'], what: 'this runtime', when: (value) => value === 'managed' },
  { path: ['runtime', 'managed'], what: 'the managed runtime' },
];

/** Targets that need a scanner of their kind; one without would be left out without a word. */
const TARGETS: readonly (readonly [key: Exclude<keyof Targets, 'source'>, kind: TargetKind])[] = [
  ['images', 'image'],
  ['http', 'http'],
  ['binaries', 'binary'],
  ['kubernetes', 'kubernetes'],
  ['cloud', 'cloud'],
  ['fuzz', 'fuzz'],
];

/** Reports everything that the manifest asks for and a run would silently not do (SP2020). */
export function checkSupported(manifest: Manifest, catalogue: Catalogue, out: Reporter): void {
  for (const entry of UNSUPPORTED) {
    for (const [pointer, value] of matchingPointers(manifest, entry.path)) {
      if (entry.when && !entry.when(value)) continue;
      out.reportKey('SP2020', pointer, `not supported by this version: ${entry.what}`);
    }
  }
  const kinds = new Set([...catalogue.values()].map((stage) => stage.requires.target));
  for (const [key, kind] of TARGETS) {
    if (!manifest.targets?.[key]?.length || kinds.has(kind)) continue;
    out.reportKey('SP2020', `/targets/${key}`, `no scanner in this version reads ${key} targets`);
  }
}
