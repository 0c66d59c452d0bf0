import { systemProgram } from '../sandbox/probe-sandbox.ts';
import type { WorkingSandbox } from '../sandbox/working-sandbox.ts';
import type { NetworkTools } from './open-network.ts';

/** The programs that networks are made with, out of the system's own folders. @throws Error naming the missing one */
export function networkTools({ bwrap, mark }: Pick<WorkingSandbox, 'bwrap' | 'mark'>): NetworkTools {
  const nsenter = systemProgram('nsenter');
  if (nsenter === undefined) throw new Error('nsenter (util-linux) is not installed');
  return { bwrap, nsenter, ip: systemProgram('ip'), mark };
}
