import { catalogue } from '../../src/stages/catalogue.gen.ts';
import type { OutputSpec } from '../../src/stages/contract/output.ts';
import { type FaultsFile, readFaults, withoutSample } from '../../src/stages/kit/faults-file.ts';
import { type StageCase, stageCase } from '../../src/stages/kit/stage-case.ts';
import { CUSTOM, type Toolset } from './double-world.ts';
import { type Subject, saying } from './fault-cells.ts';
import { isTested } from './tested-scanners.ts';
import { doubleOf, type ToolDouble } from './tool-double.ts';

function faultsOf(id: string): FaultsFile {
  return readFaults(new URL(`../../src/stages/${id}/`, import.meta.url).pathname);
}

/** Databases are carried in: a fault of one is that of the scanner which lacks it. */
export const SCANNERS: readonly string[] = [...catalogue]
  .filter(([id, { kind }]) => kind !== 'database' && isTested(id))
  .map(([id]) => id);

/** One subject for each scanner of the catalogue; a scanner that nobody taught to fail is an error. */
export function subjects(ids: readonly string[] = SCANNERS): readonly Subject[] {
  return [...catalogue]
    .filter(([id]) => ids.includes(id))
    .map(([id, entry]) => {
      const clean = doubleOf(stageCase(id, 'clean'), entry.outputs, false);
      const faults = faultsOf(id);
      for (const pattern of withoutSample(entry.faults, faults))
        throw new Error(`${id}: no sample in cases/faults.json for the error text ${pattern}`);
      return {
        tool: entry.userDefined ? CUSTOM : id,
        outputs: entry.outputs,
        faults: entry.faults,
        clean,
        foreign: foreign(id, entry.outputs),
        faultTexts: faults.faultTexts,
        // A user's own tool has no text that is known beforehand: its SARIF can say that it failed.
        confessing: entry.userDefined ? [confession(clean, entry.outputs)] : [],
        nothingExamined: [nothingExamined(id, clean, entry.outputs)],
        missing: 'tool-missing',
      };
    });
}

/** The case with findings of each scanner that has one. */
export function findingDoubles(): Readonly<Record<string, ToolDouble>> {
  return Object.fromEntries(
    [...catalogue]
      .filter(([id, entry]) => entry.kind === 'scan' && SCANNERS.includes(id))
      .map(([id, entry]) => {
        const double = doubleOf(stageCase(id, 'findings'), entry.outputs, true);
        return [entry.userDefined ? CUSTOM : id, double];
      }),
  );
}

/** All scanners of the catalogue, or some, as their clean cases were recorded. */
export function toolset(ids: readonly string[] = SCANNERS): Toolset {
  const cases = ids.map((id): [string, StageCase] => [id, stageCase(id, 'clean')]);
  const tools = cases.filter(([id]) => catalogue.get(id)?.userDefined !== true);
  const custom = cases.find(([id]) => catalogue.get(id)?.userDefined)?.[1];
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
