import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from '../contract/command.ts';

/** What a stage's recorded case holds: the commands that were sent, and all that the tool wrote in answer. */
export interface StageCase {
  readonly provider: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly steps: readonly Step[];
  /** Text by output name. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly stdout: string;
  readonly stderr: string;
}

const STAGES = new URL('../', import.meta.url).pathname;

/** Reads `src/stages/<tool>/cases/<name>`. @throws when it is not there */
export function stageCase(tool: string, name: string): StageCase {
  const folder = join(STAGES, tool, 'cases', name);
  const text = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const given = JSON.parse(text('case.json')) as {
    provider: string;
    options?: Record<string, unknown>;
    outputs: Record<string, string>;
    logs?: { stdout?: string; stderr?: string };
  };
  return {
    provider: given.provider,
    options: given.options ?? {},
    steps: JSON.parse(text('command.golden.json')) as Step[],
    outputs: Object.fromEntries(Object.entries(given.outputs).map(([output, file]) => [output, text(file)])),
    stdout: given.logs?.stdout === undefined ? '' : text(given.logs.stdout),
    stderr: given.logs?.stderr === undefined ? '' : text(given.logs.stderr),
  };
}
