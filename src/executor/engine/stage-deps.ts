import type { PublishRedactor, StoreRedactor } from '../../core/redaction/redactor.ts';
import type { Clock } from '../../io/clock.ts';
import type { StageTarget, ToolStage } from '../../planner/ir/ir.ts';
import type { Catalogue } from '../../stages/contract/catalogue.ts';
import type { Caches } from '../cache/open-caches.ts';
import type { WorkspaceInventory } from '../inventory/types.ts';
import type { Runtime, StackEndpoint, ToolProvisioner } from '../ports.ts';
import type { LargeReports } from './large-reports.ts';

/** What stages are run with; handed in by the composition root. */
export interface StageDeps {
  readonly runtime: Runtime;
  /** Whether the runtime was asked to sandbox; part of every key, and views are then hard links. */
  readonly sandboxed: boolean;
  readonly provisioner: ToolProvisioner;
  readonly inventory: WorkspaceInventory;
  readonly caches: Pick<Caches, 'blobs' | 'actions' | 'parsed' | 'durations' | 'workspace'>;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Empty folder of this run, on the workspace's file system where that can be; removed by its owner. Absolute. */
  readonly workDir: string;
  /** Root of the secplan package, below which assets lie. Absolute. */
  readonly packageRoot: string;
  /** For example `linux-x64`. */
  readonly platform: string;
  /** YYYY-MM-DD in UTC; absent: databases are fetched every time. */
  readonly day?: string;
  /** Base URL of an http target; absent, or undefined, where the target's own URL is it. */
  readonly endpoint?: (target: StageTarget) => string | undefined;
  /** Folders of databases that were carried in, by id. */
  readonly databases?: ReadonlyMap<string, string>;
  /** Absent: large reports are read in this process, too. */
  readonly largeReports?: LargeReports;
  /** Values of declared secrets by name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What a stage with the network `stack` may reach; absent: there is no stack. */
  readonly endpoints?: (stage: ToolStage) => readonly StackEndpoint[];
  /** Variables for a stage, for example `STACK_BASE_URL`. */
  readonly env?: (stage: ToolStage) => Readonly<Record<string, string>>;
  /** Takes out declared secrets only: what is stored must not depend on the order in which stages end. */
  readonly storeRedactor: StoreRedactor;
  /** The run's own: also learns what secret scanners find. All that leaves the run goes through it. */
  readonly publishRedactor: PublishRedactor;
}
