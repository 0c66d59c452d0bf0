import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve, sep } from 'node:path';
import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import { runFilter } from '../../io/run-filter.ts';
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
      const limits = { signal, timeoutMs, maxBytes: MAX_OUTPUT };
      const output = await runFilter(program, args, pae, { cwd: workspace, env, ...limits }).catch(
        (error) => {
          const why = error instanceof Error ? error.message : String(error);
          throw new SigningError(`the signing command ${name} ${redactor.text(why)}`);
        },
      );
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

function refused(summary: string): Outcome<never> {
  return failed([
    diagnostic('SP6009', summary, {
      pointer: '/evidence/sign/command/0',
      help: 'Name a program on PATH, or by an absolute path outside the workspace.',
    }),
  ]);
}
