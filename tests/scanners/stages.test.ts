import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/stages/catalogue.gen.ts';
import type { StageCommand } from '../../src/stages/contract/command.ts';
import type { StageData } from '../../src/stages/contract/stage.ts';
import { caseProvider, caseTarget, parseCase, rawOf, readCase } from '../../src/stages/kit/case-file.ts';
import { isWhole, loadScanner } from '../../src/stages/kit/scanner.ts';
import { isTested } from '../support/tested-scanners.ts';

const STAGES = new URL('../../src/stages/', import.meta.url).pathname;
const update = process.env.UPDATE_GOLDEN === '1';

/** One harness runs every case of every folder. A missing golden is an error, never a silent write. */
function golden(file: string, value: unknown): void {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (update) writeFileSync(file, text);
  expect(existsSync(file), `${file} is missing: look at the output, then UPDATE_GOLDEN=1`).toBe(true);
  const golden = readFileSync(file, 'utf8');
  expect(text, `${relative(STAGES, file)}: ${difference(golden, text)}`).toBe(golden);
}

/** The first line that differs, for `just scanner`, which shows one line a miss. */
function difference(golden: string, now: string): string {
  const [was, is] = [golden.split('\n'), now.split('\n')];
  const at = is.findIndex((line, index) => line !== was[index]);
  return `line ${at + 1} is now ${is[at]?.trim() ?? 'absent'}, was ${was[at]?.trim() ?? 'absent'}`;
}

function consumed(stage: StageData, command: StageCommand<unknown>, options: unknown): string[] {
  const used = command.consumes?.(options);
  return (stage.requires.consumes ?? [])
    .filter(({ name, optional }) => optional !== true && (used?.includes(name) ?? true))
    .map(({ name }) => name);
}

for (const [id, entry] of catalogue) {
  if (!isTested(id)) continue;
  const cases = join(STAGES, id, 'cases');
  const names = existsSync(cases)
    ? readdirSync(cases, { withFileTypes: true })
        .filter((item) => item.isDirectory())
        .map((item) => item.name)
        .sort()
    : [];
  describe(id, () => {
    // An SBOM or a database has no findings to show.
    const needed = entry.kind !== 'scan' ? ['clean', 'malformed'] : ['clean', 'findings', 'malformed'];
    it(`has the cases ${needed.join(', ')}`, () => {
      expect(names).toEqual(expect.arrayContaining(needed));
    });

    for (const name of names) {
      it(`case ${name}`, async () => {
        const folder = join(cases, name);
        const given = readCase(folder);
        const scanner = await loadScanner(join(STAGES, id));
        if (!isWhole(scanner)) throw new Error(`${id} lacks an export`);
        const { stage, command } = scanner;
        const options = scanner.options.parse(given.options);
        expect({ ...entry.optionDefaults, ...given.options }, 'as planning makes them').toEqual(options);
        golden(
          join(folder, 'command.golden.json'),
          command.steps({
            options,
            provider: caseProvider(stage, given.provider),
            args: given.args,
            target: caseTarget(stage, given),
            artifacts: new Set(given.artifacts ?? consumed(stage, command, options)),
          }),
        );
        for (const output of Object.keys(given.outputs))
          expect(stage.outputs.map((spec) => spec.name)).toContain(output);
        const outcome = await parseCase(entry, given, rawOf(folder, given));
        if (name.startsWith('clean')) {
          expect(outcome).toMatchObject({ ok: true, findings: [] });
          expect(outcome.ok && outcome.examined.count).toBeGreaterThan(0);
        }
        if (name.startsWith('findings')) expect(outcome.ok && outcome.findings.length).toBeGreaterThan(0);
        // What is given minus what was read is the judge's to count: a scanner of single files must say which it read.
        if (name === 'findings' && entry.perFile === true)
          expect(outcome.ok && outcome.examined.files?.length, 'examined.files').toBeGreaterThan(0);
        if (name.startsWith('malformed')) expect(outcome.ok).toBe(false);
        golden(join(folder, 'result.golden.json'), outcome);
      });
    }
  });
}
