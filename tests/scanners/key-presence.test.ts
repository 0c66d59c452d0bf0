import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareSeverity } from '../../src/core/severity.ts';
import { catalogue } from '../../src/stages/catalogue.gen.ts';
import type { CatalogueEntry } from '../../src/stages/contract/catalogue.ts';
import type { ParseOutcome } from '../../src/stages/contract/report.ts';
import { sourcePath } from '../../src/stages/contract/source-path.ts';
import { parseForeign } from '../../src/stages/formats/parse-foreign.ts';
import { type CaseFile, parseCase, type RawRun, rawOf, readCase } from '../../src/stages/kit/case-file.ts';
import { type KeyMutation, keyMutations } from '../support/key-mutations.ts';

const STAGES = new URL('../../src/stages/', import.meta.url).pathname;

/** Keys that may be absent, as the tool leaves them out where there is nothing; under another name they are refused all the same. */
const MAY_BE_ABSENT: readonly { readonly scanner: RegExp; readonly key: RegExp; readonly why: string }[] = [
  {
    scanner: /^trivy-/,
    key: /^(Resources\/\*\/)?Results(\/\*\/(Misconfigurations|Secrets|Licenses|Vulnerabilities))?$/,
    why: 'Trivy leaves empty lists out',
  },
  {
    scanner: /^conftest$/,
    key: /^\*\/(failures|warnings)$/,
    why: 'Conftest leaves empty lists out; its exit code says whether there were failures',
  },
  { scanner: /^custom$/, key: /^vulnerabilities$/, why: 'a bill of materials has none' },
  {
    scanner: /^dependency-check$/,
    key: /^dependencies\/\*\/vulnerabilities$/,
    why: 'Dependency-Check leaves the list out where a dependency has none',
  },
  { scanner: /^ort$/, key: /^advisor\/results\/NPM::/, why: 'the key is the name of a package' },
  {
    scanner: /^scoutsuite$/,
    key: /^services\/ec2(\/findings\/ec2-.*)?$/,
    why: 'the key is the name of a service or a rule',
  },
  {
    scanner: /^kyverno$/,
    key: /^\*\/results$/,
    why: 'a policy report leaves its results out where there are none',
  },
  {
    scanner: /^tracee$/,
    key: /^(metadata|threat)$/,
    why: 'only an event of a signature has it, and nothing else tells these from the others',
  },
];

interface Recorded {
  readonly entry: CatalogueEntry;
  readonly name: string;
  readonly given: CaseFile;
  readonly raw: RawRun;
}

function recorded(entry: CatalogueEntry): readonly Recorded[] {
  const cases = join(STAGES, entry.id, 'cases');
  if (!existsSync(cases)) return [];
  return readdirSync(cases, { withFileTypes: true })
    .filter((item) => item.isDirectory())
    .map(({ name }) => {
      const given = readCase(join(cases, name));
      return { entry, name, given, raw: rawOf(join(cases, name), given) };
    });
}

/** Findings of a result that a gate would take for a result; undefined of a failure, or where nothing was examined. */
function counted(outcome: ParseOutcome): number | undefined {
  return outcome.ok && outcome.examined.count > 0 ? outcome.findings.length : undefined;
}

async function parsedElsewhere({ entry, given }: Recorded, text: string): Promise<number | undefined> {
  const outcome = parseForeign(entry, await entry.report(), text, (path) =>
    sourcePath(given.sourceRoot, path),
  );
  return outcome.ok ? outcome.findings.length : undefined;
}

/** The mutations with which findings vanish, in a run or in `secplan parse`, and nothing is said. */
async function losses(item: Recorded): Promise<readonly KeyMutation[]> {
  const { entry, given, raw } = item;
  const before = counted(await parseCase(entry, given, raw)) ?? 0;
  if (before === 0) return [];
  const [main] = Object.values(raw.outputs);
  const elsewhere = main === undefined ? undefined : await parsedElsewhere(item, main);
  const found: KeyMutation[] = [];
  for (const [output, text] of Object.entries(raw.outputs)) {
    for (const mutation of keyMutations(text)) {
      const outputs = { ...raw.outputs, [output]: mutation.text };
      const now = counted(await parseCase(entry, given, { ...raw, outputs }));
      const there = text === main ? await parsedElsewhere(item, mutation.text) : undefined;
      if ((now ?? before) < before || (there ?? elsewhere ?? 0) < (elsewhere ?? 0)) found.push(mutation);
    }
  }
  return found;
}

const used = new Set<string>();

function isDeclared(id: string, { key, how }: KeyMutation): boolean {
  const declared = MAY_BE_ABSENT.find((one) => one.scanner.test(id) && one.key.test(key));
  if (declared !== undefined) used.add(declared.why);
  return declared !== undefined && (how === 'deleted' || /^the key is/.test(declared.why));
}

describe('a key of a report that carries findings', () => {
  for (const entry of catalogue.values()) {
    it(`of ${entry.id} is missed where it is absent or renamed`, async () => {
      const lost: string[] = [];
      for (const item of recorded(entry)) {
        for (const mutation of await losses(item)) {
          if (!isDeclared(entry.id, mutation)) lost.push(`${item.name}: ${mutation.key} ${mutation.how}`);
        }
      }
      expect(lost).toEqual([]);
    }, 60_000);
  }

  it('has no exception that excuses nothing', () => {
    expect(MAY_BE_ABSENT.filter(({ why }) => !used.has(why))).toEqual([]);
  });

  it('would be noticed if a reader took its absence for nothing found', async () => {
    const entry = catalogue.get('bandit');
    if (entry === undefined) throw new Error('no bandit');
    const report = await entry.report();
    const careless: CatalogueEntry = {
      ...entry,
      report: async () => ({
        ...report,
        variants: [],
        parse: (raw, context) => {
          const outcome = report.parse(raw, context);
          return outcome.ok
            ? outcome
            : {
                ok: true,
                findings: [],
                notes: [],
                examined: { count: 1, unit: 'files', evidence: 'planted' },
              };
        },
      }),
    };
    const found = await Promise.all(recorded(entry).map((item) => losses({ ...item, entry: careless })));
    expect(found.flat().map(({ key }) => key)).toContain('results');
  });
});

describe('a severity that a tool does not know', () => {
  it('counts as medium at least, as a finding without one does', () => {
    const low = [...catalogue.values()].flatMap(({ id, severities }) =>
      Object.entries(severities)
        .filter(([level]) =>
          /^(unknown|unscored|unassigned|unrated|undefined|undetermined|unspecified)$/.test(level),
        )
        .filter(([, severity]) => compareSeverity(severity, 'medium') > 0)
        .map(([level]) => `${id}: ${level}`),
    );
    expect(low).toEqual([]);
  });
});
