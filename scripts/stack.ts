import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { compileManifest } from '../src/app/compile/compile-manifest.ts';
import { packageRoot } from '../src/app/package/package-root.ts';
import { secretNames } from '../src/app/plan-facts/plan-facts.ts';
import { resolveSecrets } from '../src/app/secrets/resolve-secrets.ts';
import { createPublishRedactor, createStoreRedactor } from '../src/core/redaction/redactor.ts';
import { renderDiagnostics } from '../src/core/render-diagnostic.ts';
import { createLocalRuntime } from '../src/executor/runtimes/local/local-runtime.ts';
import { createStack } from '../src/executor/stack/create-stack.ts';
import { systemClock } from '../src/io/clock.ts';

// `node scripts/stack.ts up|down MANIFEST [PROFILE [PORT]]`: an example's stack, outside of a run, until it is taken down.
// `up` leaves `serve` behind, which holds the services as a run does and gives the base service a port of this machine.
const [action, file = 'manifests/examples/heavy-stack/secplan.yaml', profile = 'dynamic', port] =
  process.argv.slice(2);
const manifest = resolve(file);
const folder = join(packageRoot(), 'build/stack', basename(dirname(manifest)));
const [pidFile, logFile] = [join(folder, 'pid'), join(folder, 'log')];

switch (action) {
  case 'up':
    process.exitCode = await up();
    break;
  case 'down':
    process.exitCode = await down();
    break;
  case 'serve':
    process.exitCode = await serve();
    break;
  default:
    say('node scripts/stack.ts up|down [MANIFEST [PROFILE [PORT]]]');
    process.exitCode = 2;
}

async function up(): Promise<number> {
  const running = pidOf();
  if (running !== undefined) {
    say(`it is up already (process ${running}); just down ends it`);
    return 2;
  }
  mkdirSync(folder, { recursive: true });
  const log = openSync(logFile, 'w');
  const argv = [import.meta.filename, 'serve', manifest, profile, ...(port === undefined ? [] : [port])];
  const child = spawn(process.execPath, argv, { detached: true, stdio: ['ignore', log, log, 'ipc'] });
  writeFileSync(pidFile, String(child.pid));
  const end = await new Promise<string | undefined>((settle) => {
    child.once('message', (url) => settle(`up at ${url}`));
    child.once('exit', () => settle(undefined));
  });
  process.stderr.write(readFileSync(logFile, 'utf8'));
  if (end === undefined) {
    rmSync(pidFile, { force: true });
    return 3;
  }
  say(end);
  child.disconnect();
  child.unref();
  return 0;
}

async function down(): Promise<number> {
  const pid = pidOf();
  if (pid === undefined) {
    say('nothing is up');
    return 0;
  }
  process.kill(pid, 'SIGTERM');
  while (pidOf() !== undefined) await new Promise((settle) => setTimeout(settle, 50));
  rmSync(pidFile, { force: true });
  say('down');
  return 0;
}

/** The process that holds the stack, if it is there and is one of this script. */
function pidOf(): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return command.includes(import.meta.filename) && command.includes('serve') ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function serve(): Promise<number> {
  const compiled = await compileManifest({ cwd: dirname(manifest), manifestPath: manifest, profile });
  if (!compiled.ok) return refuse(renderDiagnostics(compiled.diagnostics), 2);
  const { plan, model, loaded } = compiled.value;
  const secrets = resolveSecrets({ needed: secretNames(plan) }, model.secrets, {
    workspace: loaded.workspace,
    env: process.env,
  });
  if (!secrets.ok) return refuse(renderDiagnostics(secrets.diagnostics), 2);
  const base = plan.stack?.base;
  if (base === undefined || 'url' in base) return refuse('the profile starts no stack', 2);
  const tempDir = mkdtempSync(join(tmpdir(), 'secplan-up-'));
  const runtime = createLocalRuntime({ sandbox: 'bubblewrap', tempDir, packageRoot: packageRoot() });
  const ending = new AbortController();
  const ended = new Promise<void>((settle) => ending.signal.addEventListener('abort', () => settle()));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ending.abort());
  const stack = createStack(plan, {
    runtime: runtime.stack,
    clock: systemClock,
    signal: ending.signal,
    secrets: secrets.value,
    workspace: loaded.workspace,
    logDir: folder,
    storeRedactor: createStoreRedactor(Object.values(secrets.value)),
    publishRedactor: createPublishRedactor(Object.values(secrets.value)),
    onState: (stage, state, ms, detail) => say([stage, state, `${Math.round(ms)} ms`, detail].join('  ')),
    onDiagnostic: (item) => say(renderDiagnostics([item])),
  });
  for (const { service } of plan.stages.filter((stage) => stage.kind === 'service'))
    for (const stream of ['stdout', 'stderr'])
      rmSync(join(folder, `service.${service}.${stream}`), { force: true });
  const front = createServer((outer) => {
    const to = runtime.stack?.endpoint(base.service, base.port).to;
    const inner = to !== undefined && 'unixSocket' in to ? connect(to.unixSocket) : connect(base.port);
    for (const [from, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      from.on('error', () => other.destroy());
      from.pipe(other);
    }
  });
  try {
    const at = port === undefined ? base.port : Number(port);
    await new Promise<void>((settle, fail) => {
      front.once('error', fail);
      front.listen(at, '127.0.0.1', settle);
    });
    stack.begin();
    while (stack.starting()) await stack.changed();
    const down = plan.stages
      .filter((stage) => stage.kind === 'service')
      .some((stage) => stack.lost({ needs: [stage.id] }) !== undefined);
    if (down) return refuse('the stack did not come up', 3);
    const address = front.address();
    process.send?.(`http://127.0.0.1:${typeof address === 'object' ? address?.port : at}`);
    await ended;
    return 0;
  } catch (error) {
    return refuse(String(error), 3);
  } finally {
    front.close();
    await stack.close();
    await runtime.close();
    rmSync(tempDir, { recursive: true, force: true });
    process.exit();
  }
}

function refuse(why: string, code: number): number {
  say(why.trimEnd());
  process.exitCode = code;
  return code;
}

function say(text: string): void {
  process.stderr.write(`${text.trimEnd()}\n`);
}
