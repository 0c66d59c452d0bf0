import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { probeSandbox } from '../sandbox/probe-sandbox.ts';
import { networkTools } from './network-tools.ts';
import { openNetwork } from './open-network.ts';

/** Tries a stage's network by really opening one and starting something in it. Takes about 100 ms. */
export async function probeNetwork(): Promise<{ readonly ok: boolean; readonly detail?: string }> {
  const probed = await probeSandbox();
  if (!probed.ok) return { ok: false, detail: 'it needs the sandbox, which does not work' };
  try {
    const network = await openNetwork({ forwards: [] }, networkTools(probed.sandbox));
    try {
      const [program = '', ...argv] = [...network.enter, '/usr/bin/env', 'true'];
      await promisify(execFile)(program, argv, { env: { PATH: '/usr/bin:/bin' }, timeout: 10_000 });
      return { ok: true };
    } finally {
      network.close();
    }
  } catch (error) {
    return {
      ok: false,
      detail: (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '',
    };
  } finally {
    probed.sandbox.dispose();
  }
}
