import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { CommandTarget, Provider, StageDefinition } from '../src/stages/contract.ts';
import { catalogue } from '../src/stages/registry.gen.ts';
import { sourcePath } from '../src/stages/source-path.ts';
import { worldTarget } from './rig/world-targets.ts';

/** What a case.json holds; every raw file beside it is one output of the tool. */
const caseFile = z.strictObject({
  /** `recorded` from a real run, `documented` after the tool's documentation (say where), `made` by hand to be bad. */
  origin: z.enum(['recorded', 'documented', 'made']),
  /** For example `ruff 0.17.6 on manifests/examples/light-python`. */
  source: z.string().min(1),
  provider: z.string(),
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

const STAGES = new URL('../src/stages/', import.meta.url).pathname;
const update = process.env.UPDATE_GOLDEN === '1';

/** One harness runs every case of every folder. A missing golden is an error, never a silent write. */
function golden(file: string, value: unknown): void {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (update) writeFileSync(file, text);
  expect(existsSync(file), `${file} is missing: look at the output, then UPDATE_GOLDEN=1`).toBe(true);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

function load(folder: string): z.infer<typeof caseFile> {
  return caseFile.parse(JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')));
}

function providerOf(stage: StageDefinition<unknown>, name: string): Provider {
  const provider = stage.providers.find((item) => item.name === name);
  if (provider === undefined) throw new Error(`${stage.id} has no provider ${name}`);
  return provider;
}

function commandTarget(
  { kind, name }: CommandTarget,
  { path, details }: NonNullable<z.infer<typeof caseFile>['target']>,
): CommandTarget {
  return { kind, name, ...(path === undefined ? {} : { path }), details };
}

function consumed(stage: StageDefinition<unknown>, options: unknown): string[] {
  const used = stage.consumes?.(options);
  return (stage.requires.consumes ?? [])
    .filter(({ name, optional }) => optional !== true && (used?.includes(name) ?? true))
    .map(({ name }) => name);
}

for (const [id, entry] of catalogue) {
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
        const given = load(folder);
        const stage = await entry.load();
        const options = stage.options.parse(given.options);
        const own = worldTarget(stage.requires.target);
        const target = given.target === undefined ? own : commandTarget(own, given.target);
        golden(
          join(folder, 'command.golden.json'),
          stage.steps({
            options,
            provider: providerOf(stage, given.provider),
            args: given.args,
            target,
            artifacts: new Set(given.artifacts ?? consumed(stage, options)),
          }),
        );
        const text = (file: string | undefined): string =>
          file === undefined ? '' : readFileSync(join(folder, file), 'utf8');
        const raw = Object.fromEntries(
          Object.entries(given.outputs).map(([output, file]) => {
            expect(stage.outputs.map((spec) => spec.name)).toContain(output);
            const content = text(file);
            return [output, stage.sanitize?.(output, content) ?? content];
          }),
        );
        const outcome = stage.parse(raw, {
          options,
          target,
          relative: (path) => sourcePath(given.sourceRoot, path),
          filesGiven: given.filesGiven,
          log: { stdout: text(given.logs.stdout), stderr: text(given.logs.stderr) },
        });
        if (name.startsWith('clean')) {
          expect(outcome).toMatchObject({ ok: true, findings: [] });
          expect(outcome.ok && outcome.examined.count).toBeGreaterThan(0);
        }
        if (name.startsWith('findings')) expect(outcome.ok && outcome.findings.length).toBeGreaterThan(0);
        if (name.startsWith('malformed')) expect(outcome.ok).toBe(false);
        golden(join(folder, 'result.golden.json'), outcome);
      });
    }
  });
}
