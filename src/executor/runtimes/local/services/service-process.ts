import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { failureText } from '../../../../core/failure-text.ts';
import type { Clock } from '../../../../io/clock.ts';
import type { ServiceStage } from '../../../../planner/ir/ir.ts';
import type { ServiceRequest } from '../../../ports.ts';
import { LOCAL_LIMITS } from '../sandbox/local-limits.ts';
import { type ProcessEnd, runProcess } from '../sandbox/run-process.ts';
import { foldersAbove } from '../sandbox/sandbox-argv.ts';
import type { OpenSandbox, WorkingSandbox } from '../sandbox/working-sandbox.ts';
import { hostEnv } from './host-env.ts';

/** Where processes of the stack are started. */
export interface ServiceWorld {
  readonly clock: Clock;
  /** Absent: without a sandbox, on the host. */
  readonly sandbox?: {
    readonly working: WorkingSandbox;
    /** Stands before a program so that it starts in the stack's network. */
    readonly enter: readonly string[];
    readonly hostsFile: string;
  };
  /** Without a sandbox: value of SECPLAN_STACK in the environment of all, by which a warden finds what a killed run leaves. */
  readonly mark?: string;
  /** Root of the secplan package. */
  readonly packageRoot: string;
}

const PATH = '/usr/local/bin:/usr/bin:/bin';
// A stack that failed is to be gone within 5 s of its deadline.
const GRACE_MS = 2000;
const LOG_BYTES = 16 * 2 ** 20;
const MEMORY_BYTES = 4 * 2 ** 30;
const FOREVER_MS = 7 * 86_400_000;

export interface ServiceCommand {
  readonly request: ServiceRequest;
  readonly command: readonly string[];
  /** Names the logs. */
  readonly name: string;
  /** The service's own folder; its processes and its health checks share it as /tmp. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}

/** Runs one process of a service to its end; nothing of it is left when this resolves. */
export async function runServiceProcess(world: ServiceWorld, start: ServiceCommand): Promise<ProcessEnd> {
  const { request, command, scratch } = start;
  mkdirSync(join(scratch, 'home'), { recursive: true });
  const { sandbox } = world;
  const env = {
    PATH,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    HOME: sandbox === undefined ? join(scratch, 'home') : '/tmp/home',
    TMPDIR: sandbox === undefined ? scratch : '/tmp',
    ...(sandbox === undefined ? hostEnv(request.env, request.names) : request.env),
  };
  const inside = await sandbox?.working.open({
    shown: [request.workspace],
    written: [scratch],
    // Its health checks share its /tmp.
    shares: request.service.service,
    entered: true,
    // Databases take a segment to see that no other of theirs uses the same folder.
    privileges: ['shared-memory'],
    processes: LOCAL_LIMITS.processes,
  });
  const [program = '', ...argv] =
    inside === undefined || sandbox === undefined ? command : sandboxed(world, sandbox, inside, start);
  const own = `${process.pid}.${crypto.randomUUID()}`;
  const marks = { SECPLAN_SERVICE: own, SECPLAN_STACK: world.mark ?? '' };
  return runProcess({
    step: start.name,
    program: sandbox === undefined ? hostProgram(program, request) : program,
    argv,
    env: sandbox === undefined ? { ...env, ...marks } : env,
    cwd: sandbox === undefined ? join(request.workspace, request.service.folder) : '/',
    sandboxed: sandbox !== undefined,
    ...(inside === undefined ? {} : { descriptors: inside.descriptors }),
    ...(sandbox === undefined ? { marker: `SECPLAN_SERVICE=${own}` } : {}),
    logDir: request.logDir,
    redactor: request.redactor,
    timeoutMs: start.timeoutMs ?? FOREVER_MS,
    memoryBytes: MEMORY_BYTES,
    processes: LOCAL_LIMITS.processes,
    folders: [{ name: '/tmp', path: scratch, ...LOCAL_LIMITS.scratch }],
    streams: { stdout: { limitBytes: LOG_BYTES }, stderr: { limitBytes: LOG_BYTES } },
    graceMs: GRACE_MS,
    pollMs: 1000,
    signal: start.signal,
    clock: world.clock,
  });
}

/** A program with a folder in its name is the workspace's, as in a custom stage; any other is the system's. */
function hostProgram(program: string, { workspace, service }: ServiceRequest): string {
  return program.includes('/') && !program.startsWith('/')
    ? join(workspace, service.folder, program)
    : program;
}

function sandboxed(
  { packageRoot }: ServiceWorld,
  { enter, hostsFile }: NonNullable<ServiceWorld['sandbox']>,
  inside: OpenSandbox,
  { request, command, scratch }: ServiceCommand,
): string[] {
  const { service, workspace } = request;
  const own =
    service.builtIn === undefined ? [] : [process.execPath, join(packageRoot, 'assets/placeholder')];
  const mounts = [
    '--share-net',
    '--ro-bind',
    hostsFile,
    '/etc/hosts',
    '--bind',
    scratch,
    '/tmp',
    ...foldersAbove(own),
    ...own.filter((path) => !path.startsWith('/usr/')).flatMap((path) => ['--ro-bind', path, path]),
    '--ro-bind',
    workspace,
    '/src',
    '--remount-ro',
    '/',
    '--chdir',
    service.folder === '.' ? '/src' : `/src/${service.folder}`,
  ];
  return [...inside.enter(enter), ...inside.argv(mounts), ...command];
}

/** What the local runtime starts for a service; undefined where only a container could be. */
export function localCommand(service: ServiceStage, packageRoot: string): readonly string[] | undefined {
  if (service.builtIn === 'placeholder') {
    const [port = 0] = service.ports;
    return [process.execPath, join(packageRoot, 'assets/placeholder/server.mjs'), String(port)];
  }
  return service.localCommand;
}

/** How a process ended, in words. */
export function endText(end: ProcessEnd): string {
  return end.ok ? `exit code ${end.exitCode}` : failureText(end.failure);
}
