import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/stages/catalogue.gen.ts';
import { sourcePath } from '../../src/stages/contract/source-path.ts';
import { parseForeign } from '../../src/stages/formats/parse-foreign.ts';
import {
  CORPUS,
  type CorpusEntry,
  corpusIndex,
  EXPLAINED,
  REFUSED,
  stageOf,
  WITHOUT,
} from '../support/corpus.ts';

const index = corpusIndex();
if (index === undefined) {
  process.stderr.write(`\ncorpus: ${CORPUS} is not there, published reports are NOT tested\n\n`);
}

type Result =
  | { readonly file: string; readonly is: 'matched' | 'explained' | 'parsed' }
  | { readonly file: string; readonly is: 'unexplained'; readonly why: string };

/** Reads one file as `secplan parse` does, and holds it against what its index and our tables say. */
async function judge(id: string, { file, expectedAsserted, expectedFindings }: CorpusEntry): Promise<Result> {
  const unexplained = (why: string): Result => ({ file, is: 'unexplained', why });
  const entry = catalogue.get(id);
  if (entry === undefined) return unexplained(`no stage ${id}`);
  const outcome = parseForeign(
    entry,
    await entry.report(),
    readFileSync(join(CORPUS, file), 'utf8'),
    (path) => sourcePath('/', path),
  );
  if (!outcome.ok) {
    const { reason } = outcome.failure;
    if (REFUSED[file]?.reason !== reason) return unexplained(`refused: ${JSON.stringify(outcome.failure)}`);
    if (expectedAsserted !== true) return { file, is: 'parsed' };
    return EXPLAINED[file]?.ours === 'failure'
      ? { file, is: 'explained' }
      : unexplained(`refused: ${reason}`);
  }
  const ours = outcome.findings.length;
  if (REFUSED[file] !== undefined) return unexplained('it should have been refused');
  if (expectedAsserted === true && expectedFindings !== null) {
    if (ours === expectedFindings) {
      return EXPLAINED[file] === undefined ? { file, is: 'matched' } : unexplained('no longer differs');
    }
    if (EXPLAINED[file]?.ours === ours) return { file, is: 'explained' };
    return unexplained(`${ours} findings, upstream asserts ${expectedFindings}`);
  }
  const none = WITHOUT[file] !== undefined;
  if (none !== (ours === 0)) return unexplained(`${ours} findings${none ? ', should have none' : ''}`);
  return { file, is: 'parsed' };
}

describe.skipIf(index === undefined)('published reports', () => {
  it('give the findings that upstream asserts, or are explained', async () => {
    const files = index ?? [];
    const results: Result[] = [];
    for (const entry of files) {
      const id = stageOf(entry.tool, catalogue);
      if (id !== undefined) results.push(await judge(id, entry));
    }
    const count = (is: Result['is']): number => results.filter((result) => result.is === is).length;
    process.stdout.write(
      `corpus: ${files.length} files, ${count('matched')} matched, ${count('parsed')} parsed without an asserted count, ` +
        `${count('explained')} explained, ${count('unexplained')} unexplained, ${files.length - results.length} without a stage\n`,
    );
    expect(results.filter(({ is }) => is === 'unexplained')).toEqual([]);
    expect(count('matched')).toBeGreaterThan(20);
  });

  it('have no entry in our tables for a file that does not exist', () => {
    const known = new Set(index?.map(({ file }) => file));
    const named = [...Object.keys(EXPLAINED), ...Object.keys(REFUSED), ...Object.keys(WITHOUT)];
    expect(named.filter((file) => !known.has(file))).toEqual([]);
  });

  it('that do not match are found out', async () => {
    const entry = index?.find(({ file }) => file === 'bandit/one_vuln.json');
    expect(entry).toBeDefined();
    if (entry === undefined) return;
    expect(await judge('bandit', entry)).toMatchObject({ is: 'matched' });
    expect(await judge('bandit', { ...entry, expectedFindings: 2 })).toMatchObject({ is: 'unexplained' });
    expect(await judge('gitleaks', entry)).toMatchObject({ is: 'unexplained' });
  });

  it('of another form are read by `secplan parse` only, never in a run', async () => {
    const text = readFileSync(join(CORPUS, 'checkov/checkov.valid.sarif'), 'utf8');
    const entry = catalogue.get('checkov');
    if (entry === undefined) throw new Error('no checkov');
    const context = {
      options: entry.optionDefaults,
      target: { kind: 'source' as const, name: 'source', path: '.', details: {} },
      relative: (path: string) => sourcePath('/', path),
      filesGiven: 1,
      given: [],
      log: { stdout: '', stderr: '' },
    };
    const report = await entry.report();
    expect(report.parse({ report: text }, context)).toMatchObject({ ok: false });
    expect(parseForeign(entry, report, text, context.relative)).toMatchObject({ ok: true });
  });
});
