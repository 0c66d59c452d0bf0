import { spawn } from 'node:child_process';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve, sep } from 'node:path';
import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import { SigningError, type StatementSigner } from './statement-signer.ts';

export interface CommandSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute, links resolved. */
  readonly workspace: string;
  readonly redactor: PublishRedactor;
  /** Milliseconds after which it is stopped. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT = 64 * 1024;
const SHOWN = 300;

/**
 * Signs with a program, as those of key management services are: the bytes to be signed on standard input, the
 * signature, raw or in base64, on standard output. It has secplan's own environment, as it finds its credentials
 * there; so it must not lie in the scanned tree (SP6009).
 */
export function commandSigner(
  argv: readonly string[],
  surroundings: CommandSurroundings,
): Outcome<StatementSigner> {
  const { env, workspace, redactor, timeoutMs = TIMEOUT_MS } = surroundings;
  const [name = '', ...args] = argv;
  const program = locate(name, workspace, env.PATH ?? '');
  if (program === undefined) return refused(`the signing command ${name} is not found`);
  if (program === workspace || program.startsWith(`${workspace}${sep}`))
    return refused(`the signing command ${name} lies in the scanned tree`);
  return success({
    about: `command ${name}`,
    publicKey: null,
    async sign(pae, signal) {
      const output = await run(program, args, pae, { workspace, env, signal, timeoutMs }).catch((error) => {
        const why = error instanceof Error ? error.message : String(error);
        throw new SigningError(`the signing command ${name} ${redactor.text(why)}`);
      });
      const signature = decoded(output);
      if (signature.length === 0) throw new SigningError(`the signing command ${name} wrote nothing`);
      return { signature };
    },
  });
}

/** Base64 where all of it is; 40 characters of it are no accident. */
function decoded(output: Buffer): Buffer {
  const text = output.toString('latin1').replaceAll(/\s/g, '');
  return text.length >= 40 && /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : output;
}

function locate(name: string, workspace: string, path: string): string | undefined {
  const places = name.includes('/')
    ? [resolve(workspace, name)]
    : path.split(delimiter).flatMap((folder) => (isAbsolute(folder) ? [join(folder, name)] : []));
  for (const place of places) {
    try {
      accessSync(place, constants.X_OK);
      if (statSync(place).isFile()) return realpathSync(place);
    } catch {
      // Not here.
    }
  }
  return undefined;
}

interface RunOptions {
  readonly workspace: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

function run(program: string, args: readonly string[], input: Buffer, options: RunOptions): Promise<Buffer> {
  return new Promise((fulfil, reject) => {
    const child = spawn(program, args, {
      cwd: options.workspace,
      env: { ...options.env },
      signal: options.signal,
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_OUTPUT) child.kill('SIGKILL');
      else out.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (err.length < 64) err.push(chunk);
    });
    // A program that does not read all of its input may still sign.
    child.stdin.on('error', () => {});
    child.on('error', (error) => reject(new Error(`could not be run: ${error.message}`)));
    child.on('close', (code, killed) => {
      if (code === 0) return fulfil(Buffer.concat(out));
      const said = Buffer.concat(err).toString('utf8').trim().split('\n').at(-1)?.slice(0, SHOWN) ?? '';
      const how =
        bytes > MAX_OUTPUT
          ? 'wrote more than a signature can be'
          : killed === null
            ? `ended with exit code ${code}`
            : `was stopped (${killed}; it has ${options.timeoutMs / 1000} s)`;
      reject(new Error(`${how}${said === '' ? '' : `: ${said}`}`));
    });
    child.stdin.end(input);
  });
}

function refused(summary: string): Outcome<never> {
  return failed([
    diagnostic('SP6009', summary, {
      pointer: '/evidence/sign/command/0',
      help: 'Name a program on PATH, or by an absolute path outside the workspace.',
    }),
  ]);
}
