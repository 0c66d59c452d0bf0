import { digestOf } from '../../src/core/canonical.ts';
import type { CatalogueEntry } from '../../src/stages/contract/catalogue.ts';
import type { StageCommand } from '../../src/stages/contract/command.ts';
import type { ParseOutcome, StageReport } from '../../src/stages/contract/report.ts';
import type { StageData } from '../../src/stages/contract/stage.ts';

/** All that a scanner's three modules declare, in one object. */
export interface FakeScanner extends StageData, StageCommand<unknown>, StageReport<unknown> {
  readonly optionDefaults: CatalogueEntry['optionDefaults'];
}

/** A made-up scanner of Python files, which reads what `fakeReport` writes; every member can be replaced. */
export function fakeScanner(id: string, changes: Partial<FakeScanner> = {}): FakeScanner {
  return {
    id,
    kind: 'scan',
    category: 'sast',
    tool: { name: id, homepage: 'https://example.org', license: 'MIT', status: 'active' },
    providers: [{ name: 'pypi', runtime: 'local', kind: 'pypi', package: id, bin: id }],
    requires: { target: 'source', selection: { include: ['**/*.py'] } },
    outputs: [{ name: 'report', type: 'sarif', mediaType: 'application/sarif+json', file: 'report.sarif' }],
    faults: [],
    timeoutMs: 60_000,
    expectedMs: 1000,
    resources: { cpus: 1, memoryMb: 256 },
    severities: {},
    optionDefaults: {},
    steps: ({ args, provider }) => [
      {
        id: 'scan',
        argv: [provider.bin, ...args, { at: 'source' }],
        exits: { '0': 'clean', '1': 'findings' },
      },
    ],
    parse: (raw) => parseFake(raw.report ?? ''),
    ...changes,
  };
}

/** Its place in a catalogue. */
export function fakeEntry(fake: FakeScanner, changes: Partial<CatalogueEntry> = {}): CatalogueEntry {
  return {
    ...fake,
    definitionDigest: digestOf(fake.id),
    command: async () => fake,
    report: async () => fake,
    ...changes,
  };
}

function parseFake(report: string): ParseOutcome {
  try {
    const { findings, examined } = JSON.parse(report);
    return {
      ok: true,
      findings,
      examined: { count: examined, unit: 'files', evidence: 'examined' },
      notes: [],
    };
  } catch (error) {
    return {
      ok: false,
      failure: { reason: 'report-malformed', output: 'report', detail: String(error) },
    };
  }
}
