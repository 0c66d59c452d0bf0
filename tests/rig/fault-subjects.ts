import type { OutputSpec } from '../../src/stages/contract.ts';
import { catalogue } from '../../src/stages/registry.gen.ts';
import { CUSTOM, type Toolset } from './double-world.ts';
import { type Subject, saying } from './fault-cells.ts';
import { type StageCase, stageCase } from './stage-case.ts';
import { doubleOf, type ToolDouble } from './tool-double.ts';

/** What each tool prints when it failed, word for word as its own messages begin. */
const SAID: Readonly<Record<string, Subject['saying']>> = {
  bandit: [{ in: 'stderr', text: 'Traceback (most recent call last):' }],
  checkov: [
    { in: 'stderr', text: '2026-01-01 00:00:00,000 [MainThread  ] [ERROR]  Failed to run the command' },
    { in: 'stderr', text: 'Traceback (most recent call last):' },
  ],
  'detect-secrets': [
    { in: 'stderr', text: '[scan]\tERROR\tNo plugins to scan with!' },
    { in: 'stderr', text: 'Traceback (most recent call last):' },
  ],
  cppcheck: [{ in: 'stdout', text: 'cppcheck: Failed to load library configuration file' }],
  flawfinder: [{ in: 'stderr', text: 'Traceback (most recent call last):' }],
  gitleaks: [
    { in: 'stderr', text: '10:04PM FTL unable to load config' },
    { in: 'stderr', text: '10:04PM WRN partial scan completed in 4.41ms' },
  ],
  gosec: [
    { in: 'stderr', text: 'exec: "go": executable file not found in $PATH' },
    { in: 'stderr', text: 'panic: runtime error: index out of range' },
  ],
  hadolint: [{ in: 'stderr', text: 'hadolint: Dockerfile: withBinaryFile: does not exist' }],
  opengrep: [{ in: 'stderr', text: 'Fatal error: exception Out of memory' }],
  presidio: [{ in: 'stderr', text: 'Traceback (most recent call last):' }],
  ruff: [
    { in: 'stderr', text: 'error: Failed to read add.py' },
    { in: 'stderr', text: 'ruff failed' },
  ],
  syft: [
    { in: 'stderr', text: '[0000] ERROR could not determine source' },
    { in: 'stderr', text: 'panic: runtime error: index out of range' },
  ],
  zizmor: [
    { in: 'stderr', text: 'fatal: no audit was performed' },
    { in: 'stderr', text: "thread 'main' panicked at src/main.rs" },
  ],
  'trivy-fs': [{ in: 'stderr', text: '2026-01-01T00:00:00Z\tFATAL\tFatal error\trun error: fs scan error' }],
};

/** What is edited in the clean case to make a run that looked at nothing, where no such run is on record. */
const BLIND: Readonly<Record<string, { output: string; edit: (text: string) => string }>> = {
  cppcheck: { output: 'files', edit: () => '' },
  gosec: {
    output: 'report',
    edit: (text) => edited(text, { Stats: { files: 0, lines: 0, nosec: 0, found: 0 } }),
  },
  hadolint: {
    output: 'report',
    edit: (text) => edited(text, { runs: [{ tool: { driver: { name: 'Hadolint' } }, results: [] }] }),
  },
  checkov: { output: 'files', edit: () => '' },
  presidio: { output: 'report', edit: (text) => edited(text, { scanned: [] }) },
  ruff: { output: 'files', edit: () => '' },
  syft: { output: 'syft', edit: (text) => edited(text, { files: [] }) },
  zizmor: { output: 'files', edit: () => '' },
  'trivy-fs': { output: 'report', edit: (text) => edited(text, { Results: [], SecplanSeen: 0 }) },
  custom: {
    output: 'sarif',
    edit: (text) => edited(text, { runs: [{ tool: { driver: { name: 'todo-owner' } }, results: [] }] }),
  },
};

/** One subject for each scanner of the catalogue; a scanner that nobody taught to fail is an error. */
export function subjects(ids: readonly string[] = [...catalogue.keys()]): readonly Subject[] {
  return [...catalogue]
    .filter(([id]) => ids.includes(id))
    .map(([id, entry]) => {
      const clean = doubleOf(stageCase(id, 'clean'), entry.outputs, false);
      const said = SAID[id] ?? [];
      for (const fault of entry.faults) {
        const hit = said.some(
          (line) => line.in === fault.in && new RegExp(fault.pattern, 'u').test(line.text),
        );
        if (!hit) throw new Error(`${id}: no sample in tests/rig for the error text ${fault.pattern}`);
      }
      return {
        tool: id === 'custom' ? CUSTOM : id,
        outputs: entry.outputs,
        faults: entry.faults,
        clean,
        foreign: foreign(id, entry.outputs),
        saying: said,
        // A user's own tool has no text that is known beforehand: its SARIF can say that it failed.
        confessing: id === 'custom' ? [confession(clean, entry.outputs)] : [],
        blind: [blind(id, clean, entry.outputs)],
        missing: id === 'custom' ? 'install-failed' : 'tool-missing',
      };
    });
}

/** The case with findings of each scanner that has one. */
export function findingDoubles(): Readonly<Record<string, ToolDouble>> {
  return Object.fromEntries(
    [...catalogue]
      .filter(([, entry]) => entry.kind === 'scan')
      .map(([id, entry]) => {
        const double = doubleOf(stageCase(id, 'findings'), entry.outputs, true);
        return [id === 'custom' ? CUSTOM : id, double];
      }),
  );
}

/** All scanners of the catalogue, or some, as their clean cases were recorded. */
export function toolset(ids: readonly string[] = [...catalogue.keys()]): Toolset {
  const cases = ids.map((id): [string, StageCase] => [id, stageCase(id, 'clean')]);
  const tools = cases.filter(([id]) => id !== 'custom');
  const custom = cases.find(([id]) => id === 'custom')?.[1];
  return {
    providers: Object.fromEntries(tools.map(([id, { provider }]) => [id, provider])),
    options: Object.fromEntries(tools.map(([id, { options }]) => [id, options])),
    ...(custom === undefined ? {} : { custom: custom.options }),
  };
}

function foreign(id: string, outputs: readonly OutputSpec[]): string {
  if (id === 'custom') return '{"version":"2.1.0","runs":[]}';
  if (outputs[0]?.type === 'sarif') return stageCase('custom', 'clean').outputs.sarif ?? '';
  return stageCase(id === 'bandit' ? 'presidio' : 'bandit', 'clean').outputs.report ?? '';
}

function blind(id: string, clean: ToolDouble, outputs: readonly OutputSpec[]): ToolDouble {
  const made = BLIND[id];
  if (made === undefined) return doubleOf(stageCase(id, 'empty-input'), outputs, false);
  const spec = specOf(outputs, made.output);
  return saying(clean, made.output, spec, made.edit(stageCase(id, 'clean').outputs[made.output] ?? ''));
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
