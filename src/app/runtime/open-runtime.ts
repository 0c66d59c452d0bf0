import type { Model } from '../../compiler/model/model.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Runtime } from '../../executor/ports.ts';
import { createLocalRuntime } from '../../executor/runtimes/local/local-runtime.ts';
import { baseImage } from '../../lock/base-image.ts';
import type { ToolsLock } from '../../lock/lock-types.ts';
import type { ToolPlace } from '../../toolchain/provision.ts';
import type { ScanOptions } from '../contract/scan-option-types.ts';
import { packageRoot } from '../package/package-root.ts';
import { placeOf } from './place-of.ts';

export interface RuntimeRequest {
  readonly prepared: {
    readonly runtime: Model['runtime'];
    readonly sandbox: boolean;
    readonly dagger: Model['dagger'];
    readonly lock: ToolsLock;
    /** Absolute. */
    readonly workspace: string;
  };
  readonly options: Pick<ScanOptions, 'unsandboxed' | 'offline'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For temporary files of the local runtime. */
  readonly tempDir?: string;
  readonly onDiagnostic?: (diagnostic: Diagnostic) => void;
}

export interface OpenedRuntime {
  readonly runtime: Runtime;
  /** What tools are picked for. */
  readonly place: ToolPlace;
  readonly sandboxed: boolean;
  /** For keys, for example `linux-x64`. */
  readonly platform: string;
}

/** The runtime that a scan asks for. Nothing is started, and no engine looked for, before its first stage. */
export async function openRuntime(request: RuntimeRequest): Promise<OpenedRuntime> {
  const { prepared, options, env, tempDir, onDiagnostic } = request;
  const told = onDiagnostic === undefined ? {} : { onDiagnostic };
  if (prepared.runtime === 'dagger') {
    const { createDaggerRuntime } = await import('../../executor/runtimes/dagger/dagger-runtime.ts');
    const { engine, registryMirror } = prepared.dagger;
    return {
      runtime: createDaggerRuntime({
        env,
        engine,
        registryMirror,
        workspace: prepared.workspace,
        baseImage: baseImage(prepared.lock, env).image,
        packageRoot: packageRoot(),
        offline: options.offline,
        ...told,
      }),
      place: placeOf('dagger'),
      // A container is a sandbox that nothing switches off.
      sandboxed: true,
      platform: `linux-${process.arch}`,
    };
  }
  const sandboxed = prepared.sandbox && !options.unsandboxed;
  return {
    runtime: createLocalRuntime({
      sandbox: sandboxed ? 'bubblewrap' : 'none',
      offline: options.offline,
      packageRoot: packageRoot(),
      ...(tempDir === undefined ? {} : { tempDir }),
      ...told,
    }),
    place: placeOf('local'),
    sandboxed,
    platform: `${process.platform}-${process.arch}`,
  };
}
