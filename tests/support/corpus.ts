import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Reports that other projects publish; they lie beside the repository and are not copied into it. */
export const CORPUS = new URL('../../../shared/corpus/', import.meta.url).pathname;

const entry = z.object({
  tool: z.string(),
  file: z.string(),
  note: z.string(),
  expectedFindings: z.number().int().nullable(),
  expectedAsserted: z.boolean().nullable(),
});

export type CorpusEntry = z.infer<typeof entry>;

/** The index of the corpus; undefined where the folder is not there. */
export function corpusIndex(): readonly CorpusEntry[] | undefined {
  const path = join(CORPUS, 'index.json');
  if (!existsSync(path)) return undefined;
  return z.array(entry).parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** What a folder says of published reports: `cases/corpus.json`. Files are named as the corpus's index does. */
const tables = z.strictObject({
  /** Names that the corpus has for what is this stage under another name. */
  reads: z.array(z.string()).default([]),
  /** Where ours rightly differs from what the upstream test asserts: what we give, and why. */
  explained: z
    .record(
      z.string(),
      z.strictObject({ ours: z.union([z.number().int(), z.literal('failure')]), why: z.string().min(10) }),
    )
    .default({}),
  /** Files that are rightly refused, with the failure that says so. */
  refused: z.record(z.string(), z.strictObject({ reason: z.string(), why: z.string().min(5) })).default({}),
  /** Files that parse and hold no finding, though their index does not assert that there is none. */
  without: z.record(z.string(), z.string().min(5)).default({}),
});

type Tables = z.infer<typeof tables>;

const STAGES = new URL('../../src/stages/', import.meta.url).pathname;

const all: readonly (readonly [id: string, tables: Tables])[] = readdirSync(STAGES).flatMap((id) => {
  const path = join(STAGES, id, 'cases/corpus.json');
  return existsSync(path) ? [[id, tables.parse(JSON.parse(readFileSync(path, 'utf8')))] as const] : [];
});

/** The stage that reads this tool's reports, if the catalogue has it. */
export function stageOf(tool: string, catalogue: { has(id: string): boolean }): string | undefined {
  if (catalogue.has(tool)) return tool;
  return all.find(([id, { reads }]) => reads.includes(tool) && catalogue.has(id))?.[0];
}

export const EXPLAINED: Tables['explained'] = joined('explained');
export const REFUSED: Tables['refused'] = joined('refused');
export const WITHOUT: Tables['without'] = joined('without');

function joined<K extends 'explained' | 'refused' | 'without'>(name: K): Tables[K] {
  return Object.assign({}, ...all.map(([, each]) => each[name])) as Tables[K];
}
