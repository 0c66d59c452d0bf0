import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { catalogue } from '../../src/stages/catalogue.gen.ts';
import type { OutputSpec } from '../../src/stages/contract/output.ts';
import { CUSTOM, type Toolset } from './double-world.ts';
import { type Subject, saying } from './fault-cells.ts';
import { type StageCase, stageCase } from './stage-case.ts';
import { doubleOf, type ToolDouble } from './tool-double.ts';

/** What a folder says of how its tool fails: `cases/faults.json`. */
const faultsFile = z.strictObject({
  /** What the tool prints when it failed, word for word as its own messages begin. */
  faultTexts: z
    .array(z.strictObject({ in: z.enum(['stdout', 'stderr']), text: z.string().min(1) }))
    .default([]),
  /** What is changed in the clean case to make a run that looked at nothing, where no such run is on record. */
  nothingExamined: z
    .union([
      z.strictObject({ output: z.string(), text: z.string() }),
      z.strictObject({ output: z.string(), set: z.record(z.string(), z.unknown()) }),
    ])
    .optional(),
  /** Files that the scanner needs to have something to look at, where the world's own are none of its. */
  files: z.record(z.string(), z.string()).default({}),
});

type FaultsFile = z.infer<typeof faultsFile>;

function faultsOf(id: string): FaultsFile {
  const path = new URL(`../../src/stages/${id}/cases/faults.json`, import.meta.url);
  return faultsFile.parse(existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {});
}

/** For the test that adds a scanner to a copy of the project: the others are held to the matrix here. */
const ONLY = process.env.SECPLAN_TEST_SCANNERS;

/** Databases are carried in: a fault of one is that of the scanner which lacks it. */
export const SCANNERS: readonly string[] = [...catalogue]
  .filter(([id, { kind }]) => kind !== 'database' && (ONLY === undefined || ONLY.split(',').includes(id)))
  .map(([id]) => id);

/** One subject for each scanner of the catalogue; a scanner that nobody taught to fail is an error. */
export function subjects(ids: readonly string[] = SCANNERS): readonly Subject[] {
  return [...catalogue]
    .filter(([id]) => ids.includes(id))
    .map(([id, entry]) => {
      const clean = doubleOf(stageCase(id, 'clean'), entry.outputs, false);
      const { faultTexts: said } = faultsOf(id);
      for (const fault of entry.faults) {
        const hit = said.some(
          (line) => line.in === fault.in && new RegExp(fault.pattern, 'u').test(line.text),
        );
        if (!hit)
          throw new Error(`${id}: no sample in cases/faults.json for the error text ${fault.pattern}`);
      }
      return {
        tool: id === 'custom' ? CUSTOM : id,
        outputs: entry.outputs,
        faults: entry.faults,
        clean,
        foreign: foreign(id, entry.outputs),
        faultTexts: said,
        // A user's own tool has no text that is known beforehand: its SARIF can say that it failed.
        confessing: id === 'custom' ? [confession(clean, entry.outputs)] : [],
        nothingExamined: [nothingExamined(id, clean, entry.outputs)],
        missing: onPath(id) ? 'install-failed' : 'tool-missing',
      };
    });
}

/** Whether the double stands on PATH, from where nothing is installed. */
function onPath(id: string): boolean {
  const { provider } = stageCase(id, 'clean');
  const known = catalogue.get(id)?.providers.find(({ name }) => name === provider);
  return id === 'custom' || known?.kind === 'path';
}

/** The case with findings of each scanner that has one. */
export function findingDoubles(): Readonly<Record<string, ToolDouble>> {
  return Object.fromEntries(
    [...catalogue]
      .filter(([id, entry]) => entry.kind === 'scan' && SCANNERS.includes(id))
      .map(([id, entry]) => {
        const double = doubleOf(stageCase(id, 'findings'), entry.outputs, true);
        return [id === 'custom' ? CUSTOM : id, double];
      }),
  );
}

/** All scanners of the catalogue, or some, as their clean cases were recorded. */
export function toolset(ids: readonly string[] = SCANNERS): Toolset {
  const cases = ids.map((id): [string, StageCase] => [id, stageCase(id, 'clean')]);
  const tools = cases.filter(([id]) => id !== 'custom');
  const custom = cases.find(([id]) => id === 'custom')?.[1];
  return {
    providers: Object.fromEntries(tools.map(([id, { provider }]) => [id, provider])),
    options: Object.fromEntries(tools.map(([id, { options }]) => [id, options])),
    ...(custom === undefined ? {} : { custom: custom.options }),
    files: Object.assign({}, ...ids.map((id) => faultsOf(id).files)) as Record<string, string>,
  };
}

function foreign(id: string, outputs: readonly OutputSpec[]): string {
  if (id === 'custom') return '{"version":"2.1.0","runs":[]}';
  if (outputs[0]?.type === 'sarif') return stageCase('custom', 'clean').outputs.sarif ?? '';
  return stageCase(id === 'bandit' ? 'presidio' : 'bandit', 'clean').outputs.report ?? '';
}

function nothingExamined(id: string, clean: ToolDouble, outputs: readonly OutputSpec[]): ToolDouble {
  const made = faultsOf(id).nothingExamined;
  if (made === undefined) return doubleOf(stageCase(id, 'empty-input'), outputs, false);
  const spec = specOf(outputs, made.output);
  const text =
    'text' in made ? made.text : edited(stageCase(id, 'clean').outputs[made.output] ?? '', made.set);
  return saying(clean, made.output, spec, text);
}

function confession(clean: ToolDouble, outputs: readonly OutputSpec[]): ToolDouble {
  const report = JSON.parse(stageCase('custom', 'clean').outputs.sarif ?? '') as { runs: object[] };
  const runs = report.runs.map((run) => ({ ...run, invocations: [{ executionSuccessful: false }] }));
  return saying(clean, 'sarif', specOf(outputs, 'sarif'), JSON.stringify({ ...report, runs }));
}

function specOf(outputs: readonly OutputSpec[], name: string): OutputSpec {
  const spec = outputs.find((output) => output.name === name);
  if (spec === undefined) throw new Error(`no output ${name}`);
  return spec;
}

function edited(text: string, over: Record<string, unknown>): string {
  return JSON.stringify({ ...(JSON.parse(text) as object), ...over });
}
