import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../../io/clock.ts';
import { openNetwork } from '../network/open-network.ts';
import { type SandboxProbe, systemProgram } from '../sandbox/probe-sandbox.ts';
import { startWarden } from '../sandbox/warden.ts';
import type { WorkingSandbox } from '../sandbox/working-sandbox.ts';
import { type Bridge, openBridge } from './open-bridge.ts';
import type { ServiceWorld } from './service-process.ts';

export interface StackWorldOptions {
  readonly clock: Clock;
  /** The runtime's own sandbox; undefined: there is none, by the user's wish. */
  readonly sandbox: () => Promise<SandboxProbe | undefined>;
  readonly tempDir: string;
  readonly packageRoot: string;
  /** Told once, when services run on the host. */
  readonly onHost: () => void;
}

/** Where the services of one stack run. */
export interface StackWorld extends ServiceWorld {
  /** Absent on the host. */
  readonly bridge?: Bridge;
  close(): void;
}

/**
 * Opens the network that services share, or where there is no sandbox, the host's.
 * @param names of all services, each of which the others can use
 * @throws Error with the reason
 */
export async function openStackWorld(
  options: StackWorldOptions,
  names: readonly string[],
): Promise<StackWorld> {
  const { clock, packageRoot } = options;
  const probed = await options.sandbox();
  if (probed === undefined) {
    options.onHost();
    const mark = `${process.pid}.${crypto.randomUUID()}`;
    const warden = startWarden(`SECPLAN_STACK=${mark}`, 'environ');
    return { clock, packageRoot, mark, close: warden.dismiss };
  }
  if (!probed.ok) throw new Error(`no working sandbox: ${probed.detail}`);
  return openPrivateWorld(options, probed.sandbox, names);
}

async function openPrivateWorld(
  { clock, packageRoot, tempDir }: StackWorldOptions,
  sandbox: WorkingSandbox,
  names: readonly string[],
): Promise<StackWorld> {
  const nsenter = systemProgram('nsenter');
  if (nsenter === undefined) throw new Error('nsenter (util-linux) is not installed');
  const network = await openNetwork(
    { forwards: [] },
    { bwrap: sandbox.bwrap, nsenter, ip: systemProgram('ip'), mark: sandbox.mark },
  );
  try {
    const bridge = await openBridge(network.enter, sandbox.mark);
    const hostsFile = join(tempDir, 'stack-hosts');
    const lines = [
      '127.0.0.1 localhost secplan',
      '::1 localhost',
      ...names.map((name) => `127.0.0.1 ${name}`),
    ];
    writeFileSync(hostsFile, `${lines.join('\n')}\n`);
    return {
      clock,
      packageRoot,
      sandbox: { working: sandbox, enter: network.enter, hostsFile },
      bridge,
      close() {
        bridge.close();
        network.close();
      },
    };
  } catch (error) {
    network.close();
    throw error;
  }
}
