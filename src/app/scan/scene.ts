import { availableParallelism, totalmem } from 'node:os';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Finding } from '../../core/finding.ts';
import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import type { StatementSigner } from '../../evidence/sign/statement-signer.ts';
import type { Caches } from '../../executor/cache/open-caches.ts';
import type { Journal } from '../../executor/engine/journal.ts';
import type { RunEvent } from '../../executor/events.ts';
import type { WorkspaceInventory } from '../../executor/inventory/types.ts';
import type { Runtime } from '../../executor/ports.ts';
import { STEPS_A_PROCESSOR } from '../../executor/runtimes/dagger/supervise.ts';
import type { GateFacts } from '../../policy/gate-facts.ts';
import type { ScanOptions } from '../contract/scan-option-types.ts';
import type { ScanRequest } from '../contract/scan-types.ts';
import type { PreparedScan } from '../prepare/prepare-scan.ts';
import type { OpenRemoteCache } from '../remote-cache/open-remote-cache.ts';

/** What a run stands on. */
export interface Scene {
  readonly exportDir: string;
  /** Folders of databases that were carried in, by id. */
  readonly databases: ReadonlyMap<string, string>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly caches: Caches;
  /** Null where the plan has none, or it is left out. */
  readonly remoteCache: OpenRemoteCache | null;
  readonly inventory: WorkspaceInventory;
  readonly journal: Journal;
  /** What the gate is told of these findings besides the policy. */
  readonly gateFacts: (findings: readonly Finding[]) => GateFacts;
  readonly redactor: PublishRedactor;
  /** Null where the plan asks for no signature. */
  readonly signer: StatementSigner | null;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export interface Run {
  readonly request: ScanRequest;
  readonly options: ScanOptions;
  readonly prepared: PreparedScan;
  readonly events: RunEvent[];
  readonly onEvent: (event: RunEvent) => void;
  readonly diagnostics: readonly Diagnostic[];
}

/** What is sent to a runtime at a time. An engine is sent more than it has processors for: there the steps wait. */
export function limitsOf(runtime: Runtime['name']): ReturnType<typeof machineLimits> {
  const { cpus, memoryMb } = machineLimits();
  return { cpus: runtime === 'dagger' ? cpus * STEPS_A_PROCESSOR : cpus, memoryMb };
}

/** All processors, and what memory leaves room for the machine itself. */
export function machineLimits(): { readonly cpus: number; readonly memoryMb: number } {
  return { cpus: availableParallelism(), memoryMb: Math.floor((totalmem() / 2 ** 20) * 0.8) };
}
