import { createReadStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Container, ExistsType } from '@dagger.io/dagger';
import type { Failure } from '../../../core/failure.ts';
import type { Step } from '../../../stages/contract/command.ts';
import type { StageInvocation } from '../../ports.ts';
import { type LogFile, streamLog } from '../shared/stream-log.ts';
import { STREAMS } from './places.ts';
import type { SeenStep } from './see-step.ts';

/** Bytes. */
export interface OutputLimits {
  /** How much of a stream that is no output is kept. */
  readonly logBytes: number;
  /** How much of an output is taken; more is a failure. */
  readonly outputBytes: number;
}

const REGULAR = { expectedType: 'REGULAR_TYPE' as ExistsType, doNotFollowSymlinks: true } as const;

const FOLDER = { expectedType: 'DIRECTORY_TYPE' as ExistsType, doNotFollowSymlinks: true } as const;

/** Brings a step's two streams out of its container, redacted, into the log folder. Sizes in bytes. */
export async function fetchStreams(
  { container, sizes }: Pick<SeenStep, 'container' | 'sizes'>,
  step: Step,
  invocation: StageInvocation,
  limits: OutputLimits,
): Promise<Failure | undefined> {
  const failures = await Promise.all(
    (['stdout', 'stderr'] as const).map(async (name) => {
      const output = step[name];
      const size = sizes[name];
      if (output !== undefined && size > limits.outputBytes) return tooLarge(output, limits.outputBytes);
      const log = logFile(step, name, invocation, limits);
      if (size === 0) return void (await streamLog(Readable.from([]), log));
      // As the tool wrote it, secrets and all: only here, in the stage's own folder, and not for long.
      const raw = join(dirname(invocation.logDir), 'raw', `${step.id}.${name}`);
      mkdirSync(dirname(raw), { recursive: true, mode: 0o700 });
      try {
        await container.file(`${STREAMS}/${step.id}.${name}`).export(raw);
        await streamLog(createReadStream(raw), log);
      } finally {
        rmSync(raw, { force: true });
      }
      return undefined;
    }),
  );
  return failures.find((failure) => failure !== undefined);
}

/** What the engine told of a step that it does not count as run: the last part of its streams. */
export async function keepStreams(
  step: Step,
  ended: { readonly stdout: string; readonly stderr: string },
  invocation: StageInvocation,
  limits: OutputLimits,
): Promise<void> {
  for (const name of ['stdout', 'stderr'] as const) {
    await streamLog(Readable.from([Buffer.from(ended[name])]), logFile(step, name, invocation, limits));
  }
}

function logFile(
  step: Step,
  name: 'stdout' | 'stderr',
  { logDir, redactor }: StageInvocation,
  limits: OutputLimits,
): LogFile {
  const limitBytes = step[name] === undefined ? limits.logBytes : limits.outputBytes;
  return { path: join(logDir, `${step.id}.${name}`), redactor, limitBytes };
}

/** Brings the declared outputs out, and nothing else that the tool may have left. Links are left where they are. */
export async function fetchFiles(
  container: Container,
  { stage, outDir }: StageInvocation,
  limits: OutputLimits,
): Promise<Failure | undefined> {
  const failures = await Promise.all(
    stage.outputSpecs.map(async ({ name, file, tree }) => {
      if (tree === true && file !== undefined)
        return fetchTree(container, `/out/${file}`, join(outDir, file));
      if (file === undefined || !(await container.exists(`/out/${file}`, REGULAR))) return undefined;
      const found = container.file(`/out/${file}`);
      const size = await found.size();
      if (size > limits.outputBytes) return tooLarge(name, limits.outputBytes);
      const to = join(outDir, file);
      mkdirSync(dirname(to), { recursive: true });
      if (size === 0) writeFileSync(to, '');
      else await found.export(to);
      return undefined;
    }),
  );
  return failures.find((failure) => failure !== undefined);
}

/** Whoever stores it refuses links and counts its files. */
async function fetchTree(container: Container, from: string, to: string): Promise<undefined> {
  if (await container.exists(from, FOLDER)) await container.directory(from).export(to);
}

function tooLarge(output: string, limitBytes: number): Failure {
  return { reason: 'output-too-large', output, limitBytes };
}
