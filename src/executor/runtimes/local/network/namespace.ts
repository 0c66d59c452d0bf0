import { type ChildProcess, spawn } from 'node:child_process';
import { Socket as UdpSocket } from 'node:dgram';
import { closeSync, openSync } from 'node:fs';
import { Server } from 'node:net';

/** A socket to be made inside: TCP to listen on, or UDP. `optional`: no failure where the address is not there. */
export interface Want {
  readonly kind: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  readonly optional?: boolean;
}

export interface Bound {
  readonly want: Want;
  readonly socket: Server | UdpSocket;
}

export interface NamespaceTools {
  readonly bwrap: string;
  readonly nsenter: string;
  /** Stands in the helper's command line, by which its owner's warden would find it. */
  readonly mark: string;
}

/** A network namespace with a loopback and nothing else, held open by this process alone: no holder, nothing to leave. */
export interface Namespace {
  readonly enter: readonly string[];
  bind(wants: readonly Want[]): Promise<readonly Bound[]>;
  close(): void;
}

const HELPER_LIMIT_MS = 15_000;
/**
 * Makes sockets in the namespace that it runs in, and hands them out over the channel that Node's processes have. A socket
 * stays in the namespace in which it was made, so this process needs no other way in. The text is fixed.
 */
const HELPER = `const net = require('node:net');
process.on('disconnect', () => process.exit(0));
process.on('message', ({ id, kind, address, port }) => {
  const failed = (error) => process.send({ id, error: error.message });
  try {
    if (kind === 'udp') {
      const socket = require('node:dgram').createSocket('udp4').once('error', failed);
      socket.bind(port, address, () => process.send({ id }, socket));
    } else {
      const server = net.createServer().once('error', failed);
      server.listen({ host: address, port, backlog: 511 }, () => process.send({ id }, server));
    }
  } catch (error) {
    failed(error);
  }
});
process.send({ pid: process.pid });`;

/**
 * Opens a namespace and makes the first sockets in it; takes about 60 ms. Bubblewrap makes it, as it needs no other
 * program to bring the loopback up and works for every user for whom the sandbox works.
 * @throws Error with the first line of what the helper said
 */
export async function openNamespace(
  tools: NamespaceTools,
  wants: readonly Want[],
): Promise<{ readonly namespace: Namespace; readonly bound: readonly Bound[] }> {
  const files: number[] = [];
  const closeFiles = () => {
    for (const file of files.splice(0)) closeSync(file);
  };
  const made = [tools.bwrap, '--unshare-user', '--uid', '0', '--gid', '0', '--unshare-net', '--unshare-ipc'];
  made.push('--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--cap-add', 'CAP_NET_BIND_SERVICE');
  made.push('--ro-bind', '/', '/', '--');
  try {
    const bound = await runHelper(made, tools.mark, wants, (pid) => {
      for (const kind of ['user', 'net']) files.push(openSync(`/proc/${pid}/ns/${kind}`, 'r'));
    });
    const [user, net] = files.map((file) => `/proc/${process.pid}/fd/${file}`);
    // The caller's identity is kept: it is the namespace's root, and an ordinary user may change no groups.
    const enter = [tools.nsenter, '--preserve-credentials', `--user=${user}`, `--net=${net}`, '--'];
    const bind = (more: readonly Want[]) => runHelper(enter, tools.mark, more, () => {});
    return { namespace: { enter, bind, close: closeFiles }, bound };
  } catch (error) {
    closeFiles();
    throw error;
  }
}

interface HelperMessage {
  readonly pid?: number;
  readonly id?: number;
  readonly error?: string;
}

function runHelper(
  prefix: readonly string[],
  mark: string,
  wants: readonly Want[],
  onPid: (pid: number) => void,
): Promise<readonly Bound[]> {
  return new Promise((resolve, reject) => {
    const child = startHelper(prefix, mark);
    const bound: Bound[] = [];
    let [said, left, settled] = ['', wants.length, false];

    function fail(why: string): void {
      if (settled) return;
      settled = true;
      child.kill('SIGKILL');
      for (const { socket } of bound.splice(0)) socket.close();
      reject(new Error(why));
    }

    function take({ pid, id, error }: HelperMessage, handle: unknown): void {
      if (pid !== undefined) {
        onPid(pid);
        for (const [index, want] of wants.entries()) child.send({ id: index, ...want });
      } else {
        const want = wants[id ?? -1];
        if (want === undefined) return;
        if (handle instanceof Server || handle instanceof UdpSocket) bound.push({ want, socket: handle });
        else if (want.optional !== true) {
          throw new Error(`cannot listen on ${want.address} port ${want.port}: ${error ?? 'none came'}`);
        }
        left -= 1;
      }
      if (left > 0) return;
      settled = true;
      if (child.connected) child.disconnect();
      resolve(bound);
    }

    child.stderr?.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(0, 1000);
    });
    child.on('message', (message, handle) => {
      try {
        take(message as HelperMessage, handle);
      } catch (error) {
        fail(error instanceof Error ? error.message : String(error));
      }
    });
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => {
      fail(said.trim().split('\n')[0] || `its helper ended (${signal ?? `exit code ${code}`})`);
    });
  });
}

function startHelper(prefix: readonly string[], mark: string): ChildProcess {
  const [program = '', ...argv] = [...prefix, process.execPath, '-e', HELPER, mark];
  return spawn(program, argv, {
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
    timeout: HELPER_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
}
