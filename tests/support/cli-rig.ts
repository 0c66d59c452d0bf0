import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(ROOT, 'src/cli/main.ts');

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own for one test, with homes for cache and tools in it. */
export interface CliPlace extends Disposable {
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  secplan(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliResult>;
}

/** Runs the command line from source, as a process, with nothing of the caller's environment but PATH. */
export function cliPlace(example?: string): CliPlace {
  const base = mkdtempSync(join(tmpdir(), 'secplan-cli-'));
  const dir = join(base, 'work');
  if (example === undefined) mkdirSync(dir);
  else cpSync(join(ROOT, 'manifests/examples', example), dir, { recursive: true });
  const own = {
    PATH: process.env.PATH ?? '',
    HOME: base,
    SECPLAN_CACHE_DIR: join(base, 'cache'),
    SECPLAN_TOOLS_DIR: join(base, 'tools'),
  };
  return {
    dir,
    env: own,
    secplan: (args, env = {}) => run([MAIN, ...args], dir, { ...own, ...env }),
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  };
}

function run(
  argv: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argv, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
