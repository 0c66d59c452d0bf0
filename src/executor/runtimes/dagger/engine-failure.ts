import type { Failure } from '../../../core/failure.ts';

/** What the engine says of a command that ended otherwise than expected. */
export interface ExecEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The end of a command, where an error of the SDK tells one. */
export function execEnd(error: unknown): ExecEnd | undefined {
  const { name, exitCode, stdout, stderr } = (error ?? {}) as Partial<ExecEnd> & { name?: string };
  if (name !== 'ExecError' || typeof exitCode !== 'number') return undefined;
  return { exitCode, stdout: String(stdout ?? ''), stderr: String(stderr ?? '') };
}

/** Whether the engine answered at all: a GraphQL error is an answer, a broken connection is none. */
export function answered(error: unknown): boolean {
  const name = (error as { name?: string } | null)?.name;
  return name === 'ExecError' || name === 'GraphQLRequestError';
}

/** The SDK's own kinds of error, made of what the library below it throws for an answer that holds errors. */
export function answeredError(error: unknown): Error | undefined {
  const { response } = (error ?? {}) as {
    readonly response?: {
      readonly errors?: readonly {
        readonly message: string;
        readonly extensions?: Record<string, unknown>;
      }[];
    };
  };
  const first = response?.errors?.[0];
  if (first === undefined) return undefined;
  const { _type, exitCode, stdout, stderr } = first.extensions ?? {};
  return _type === 'EXEC_ERROR'
    ? Object.assign(new Error(first.message), { name: 'ExecError', exitCode, stdout, stderr })
    : Object.assign(new Error(first.message), { name: 'GraphQLRequestError' });
}

const FULL = /no space left on device|disk quota exceeded/i;

/** What a failed query means for a stage: the machine's fault, never the scanner's. */
export function engineFailure(error: unknown, doing: string): Failure {
  const detail = `${doing}: ${errorText(error)}`;
  return FULL.test(detail) ? { reason: 'disk-full', detail } : { reason: 'engine', detail };
}

const LONGEST = 400;

/**
 * One line of an error and its causes, shortened, without control characters. The cause of an answered error is left
 * out: it holds the query, and so the values of secrets.
 */
export function errorText(error: unknown): string {
  const parts: string[] = [];
  for (let at = error; at instanceof Error && parts.length < 4; at = answered(at) ? undefined : at.cause) {
    const message = at.message.replace(/: \{"response":[\s\S]*$/, '');
    if (message !== '' && !parts.some((part) => part.includes(message))) parts.push(message);
  }
  const text = parts.length === 0 ? String(error) : parts.join(': ');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an engine's message is foreign text.
  const line = text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
