import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { digestOf } from '../../src/core/canonical.ts';
import { createStoreRedactor } from '../../src/core/redaction/redactor.ts';
import type { StageInvocation } from '../../src/executor/ports.ts';
import type { ScanStage } from '../../src/planner/ir/ir.ts';
import type { Step } from '../../src/stages/contract/command.ts';
import { plannedProvider, toolStage } from './tool-stage.ts';

export interface InvocationParts {
  readonly steps: readonly Step[];
  readonly stage?: Partial<ScanStage>;
  readonly files?: Readonly<Record<string, string>>;
  readonly over?: Partial<StageInvocation>;
}

const roots: string[] = [];

/** Takes away the folders of every invocation made so far. */
export function removeInvocations(): void {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
}

/** A stage ready to run `/bin/sh` with real folders below a temporary one. */
export function invocationOf({
  steps,
  stage = {},
  files = { 'a.py': 'x = 1\n' },
  over = {},
}: InvocationParts): StageInvocation {
  const root = mkdtempSync(join(tmpdir(), 'secplan-test-'));
  roots.push(root);
  const [sourceDir, outDir, logDir] = ['src', 'out', 'log'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [sourceDir, outDir, logDir]) mkdirSync(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(sourceDir, path)), { recursive: true });
    writeFileSync(join(sourceDir, path), text);
  }
  const provider = plannedProvider(steps);
  return {
    stage: toolStage('probe', { providers: [provider], ...stage }),
    tool: {
      provider,
      executable: '/usr/bin/sh',
      mounts: [],
      env: {},
      digest: digestOf('sh'),
      version: '1.0',
      pinned: true,
    },
    input: {
      files: Object.entries(files).map(([path, text]) => ({ path, size: text.length, executable: false })),
      digest: digestOf(JSON.stringify(files)),
      excludedByManifest: 0,
    },
    sourceDir,
    outDir,
    logDir,
    assets: {},
    artifacts: new Map(),
    secrets: {},
    redactor: createStoreRedactor([]),
    signal: new AbortController().signal,
    ...over,
  };
}

/** One step that runs a script of the shell. */
export function script(text: string, over: Partial<Step> = {}): Step {
  return { id: 'scan', argv: ['sh', '-c', text], exits: { '0': 'clean', '1': 'findings' }, ...over };
}
