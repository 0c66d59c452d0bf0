import { spawn } from 'node:child_process';

export interface FilterOptions {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Milliseconds after which it is stopped. */
  readonly timeoutMs: number;
  /** Of what it may write. */
  readonly maxBytes: number;
}

const SHOWN = 300;

/**
 * What a program writes to standard output when it is given these bytes on standard input.
 * @throws with the reason, as the end of a sentence about the program, when it cannot be started, ends with another exit
 * code than 0, writes too much or takes too long
 */
export function runFilter(
  program: string,
  args: readonly string[],
  input: Buffer,
  { cwd, env, signal, timeoutMs, maxBytes }: FilterOptions,
): Promise<Buffer> {
  return new Promise((fulfil, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...env },
      signal,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) child.kill('SIGKILL');
      else out.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (err.length < 64) err.push(chunk);
    });
    // A program that does not read all of its input may still answer.
    child.stdin.on('error', () => {});
    child.on('error', (error) => reject(new Error(`could not be run: ${error.message}`)));
    child.on('close', (code, killed) => {
      if (code === 0) return fulfil(Buffer.concat(out));
      const said = Buffer.concat(err).toString('utf8').trim().split('\n').at(-1)?.slice(0, SHOWN) ?? '';
      const how =
        bytes > maxBytes
          ? `wrote more than ${maxBytes} bytes`
          : killed === null
            ? `ended with exit code ${code}`
            : `was stopped (${killed}; it has ${timeoutMs / 1000} s)`;
      reject(new Error(`${how}${said === '' ? '' : `: ${said}`}`));
    });
    child.stdin.end(input);
  });
}
