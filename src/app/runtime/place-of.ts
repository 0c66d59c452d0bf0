import type { Model } from '../../compiler/model/model.ts';
import type { ToolPlace } from '../../toolchain/provision.ts';

/** What tools are picked for. Containers take nothing that was installed for another system than Linux. */
export function placeOf(runtime: Model['runtime']): ToolPlace {
  return runtime === 'dagger'
    ? { runtime, packages: process.platform === 'linux' }
    : { runtime: 'local', packages: true };
}
