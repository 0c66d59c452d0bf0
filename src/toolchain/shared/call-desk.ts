import { chmodSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRecord } from '../../core/is-record.ts';
import type { ProgramResult } from '../../io/run-program.ts';

/** What a program in a sandbox wants to have started: nothing but arguments and the folder that it stands in. */
export interface Call {
  readonly cwd: string;
  readonly args: readonly string[];
}

/** Where a sandboxed program has another one started outside of its sandbox, by a socket in a folder that it is shown. */
export interface CallDesk {
  readonly folder: string;
  /** Text of a shell script that hands its call over, and ends as what was started ended. `python`: any of Python 3. */
  launcher(python: string): string;
  close(): Promise<void>;
}

const MOST_BYTES = 2 ** 20;

const CLIENT = `import json, os, socket, sys
desk = socket.socket(socket.AF_UNIX)
desk.connect(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'desk'))
desk.sendall(json.dumps({'cwd': os.getcwd(), 'args': sys.argv[1:]}).encode() + bytes([10]))
with desk.makefile('rb') as answer:
    end = json.loads(answer.read())
sys.stdout.write(end['stdout'])
sys.stderr.write(end['stderr'])
sys.exit(end['code'])
`;

/** Opens one. `start` never rejects. @throws the file system's errors */
export async function openCallDesk(start: (call: Call) => Promise<ProgramResult>): Promise<CallDesk> {
  // The path of a socket has at most 107 bytes: not below the store.
  const closed = await mkdtemp(join(tmpdir(), 'secplan-desk-'));
  // Inside it may be another user who calls. Outside nobody else gets past the folder above.
  const folder = join(closed, 'shown');
  await mkdir(folder, { mode: 0o755 });
  chmodSync(folder, 0o755);

  await writeFile(join(folder, 'call.py'), CLIENT, { mode: 0o644 });
  const server = createServer({ allowHalfOpen: true }, (socket) => answer(socket, start));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(join(folder, 'desk'), resolve);
  });
  chmodSync(join(folder, 'desk'), 0o666);
  chmodSync(join(folder, 'call.py'), 0o644);
  return {
    folder,
    launcher: (python) => `#!/bin/sh\nexec ${quoted(python)} -IS ${quoted(join(folder, 'call.py'))} "$@"\n`,
    async close() {
      await new Promise((resolve) => server.close(resolve));
      await rm(closed, { recursive: true, force: true });
    },
  };
}

function answer(socket: Socket, start: (call: Call) => Promise<ProgramResult>): void {
  let text = '';
  // Who called may have been ended.
  socket.on('error', () => {});
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    if (text.includes('\n') || text.length > MOST_BYTES) return;
    text += chunk;
    if (text.includes('\n')) void reply(socket, text, start);
  });
}

async function reply(
  socket: Socket,
  text: string,
  start: (call: Call) => Promise<ProgramResult>,
): Promise<void> {
  let end: Pick<ProgramResult, 'code' | 'stdout' | 'stderr'>;
  try {
    end = await start(callOf(JSON.parse(text)));
  } catch (error) {
    end = { code: 1, stdout: '', stderr: `secplan could not start it: ${String(error).slice(0, 500)}` };
  }
  socket.end(JSON.stringify({ code: end.code ?? 1, stdout: end.stdout, stderr: end.stderr }));
}

/** @throws Error where it is no call */
function callOf(value: unknown): Call {
  const { cwd, args } = isRecord(value) ? value : {};
  if (typeof cwd !== 'string' || !Array.isArray(args) || !args.every((each) => typeof each === 'string'))
    throw new Error('not a call');
  return { cwd, args };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
