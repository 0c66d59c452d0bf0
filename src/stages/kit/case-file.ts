import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { CatalogueEntry } from '../contract/catalogue.ts';
import type { Provider } from '../contract/provider.ts';
import type { ParseOutcome } from '../contract/report.ts';
import { sourcePath } from '../contract/source-path.ts';
import type { StageData } from '../contract/stage.ts';
import type { CommandTarget } from '../contract/target.ts';
import { worldTarget } from './world-targets.ts';

/** How a recorded case is made anew, by `just record`, by the tests and by `just conform`; or why it cannot be. */
const rerunSchema = z.union([
  z.strictObject({ not: z.string().min(1) }),
  z.strictObject({
    /** From the project's root; absent: `workspace/` in the case's folder, else the example or the clean tree. */
    workspace: z.string().optional(),
    /** Takes over a minute with its installation: `just conform` alone runs it. */
    slow: z.boolean().default(false),
    /** What a run must give again: the whole result, or, where a tool is not repeatable, the rules that it reports. */
    compare: z.enum(['result', 'rules']).default('result'),
    /** Programs that the workspace's own stack starts; where one is absent the case is skipped, aloud. */
    programs: z.array(z.string()).default([]),
  }),
]);

export type Rerun = Exclude<z.infer<typeof rerunSchema>, { not: string }>;

/** What a case.json holds; every raw file beside it is one output of the tool. */
const caseSchema = z.strictObject({
  /** `recorded` from a real run, `documented` after the tool's documentation (say where), `made` by hand to be bad. */
  origin: z.enum(['recorded', 'documented', 'made']),
  /** For example `ruff 0.17.6 on manifests/examples/light-python`. */
  source: z.string().min(1),
  provider: z.string(),
  rerun: rerunSchema.optional(),
  /** As the manifest has it; absent: the world's target of the stage's kind. */
  target: z
    .strictObject({ path: z.string().optional(), details: z.record(z.string(), z.unknown()).default({}) })
    .optional(),
  /** Consumed artifacts that a producer is there for; absent: all that are not optional. */
  artifacts: z.array(z.string()).optional(),
  filesGiven: z.number().int(),
  sourceRoot: z.string().default('/src'),
  options: z.record(z.string(), z.unknown()).default({}),
  args: z.array(z.string()).default([]),
  /** Output name to file name. */
  outputs: z.record(z.string(), z.string()),
  logs: z.strictObject({ stdout: z.string().optional(), stderr: z.string().optional() }).default({}),
});

export type CaseFile = z.infer<typeof caseSchema>;

/** All that a tool left: text by output name, and what its steps printed. */
export interface RawRun {
  readonly outputs: Readonly<Record<string, string>>;
  readonly log: { readonly stdout: string; readonly stderr: string };
}

const STAGES = new URL('../', import.meta.url).pathname;

export function caseFolder(id: string, name: string): string {
  return join(STAGES, id, 'cases', name);
}

/** @throws when there is no case.json, or one of another shape */
export function readCase(folder: string): CaseFile {
  return caseSchema.parse(JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')));
}

/** What is on record in a case's folder. @throws when a file that case.json names is absent */
export function rawOf(folder: string, given: CaseFile): RawRun {
  const text = (file: string | undefined): string =>
    file === undefined ? '' : readFileSync(join(folder, file), 'utf8');
  return {
    outputs: Object.fromEntries(Object.entries(given.outputs).map(([name, file]) => [name, text(file)])),
    log: { stdout: text(given.logs.stdout), stderr: text(given.logs.stderr) },
  };
}

export function caseProvider(stage: StageData, name: string): Provider {
  const provider = stage.providers.find((item) => item.name === name);
  if (provider === undefined) throw new Error(`${stage.id} has no provider ${name}`);
  return provider;
}

export function caseTarget(
  stage: Pick<StageData, 'requires'>,
  { target }: Partial<Pick<CaseFile, 'target'>>,
): CommandTarget {
  const own = worldTarget(stage.requires.target);
  if (target === undefined) return own;
  const { kind, name } = own;
  return { kind, name, ...(target.path === undefined ? {} : { path: target.path }), details: target.details };
}

/** What the scanner's own reader makes of a raw run, in the place that the case describes. */
export async function parseCase(entry: CatalogueEntry, given: CaseFile, raw: RawRun): Promise<ParseOutcome> {
  const report = await entry.report();
  const clean = Object.entries(raw.outputs).map(
    ([name, text]) => [name, report.sanitize?.(name, text) ?? text] as const,
  );
  return report.parse(Object.fromEntries(clean), {
    options: { ...entry.optionDefaults, ...given.options },
    target: caseTarget(entry, given),
    relative: (path) => sourcePath(given.sourceRoot, path),
    filesGiven: given.filesGiven,
    given: [],
    log: raw.log,
  });
}
