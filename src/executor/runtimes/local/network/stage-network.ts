import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../../../../core/failure.ts';
import { type RunNote, runNoteText } from '../../../../core/run-note.ts';
import type { Execution, StackEndpoint, StageInvocation } from '../../../ports.ts';
import type { WorkingSandbox } from '../sandbox/working-sandbox.ts';
import { type Connector, systemConnector } from './dial.ts';
import { networkTools } from './network-tools.ts';
import type { NetworkHandle, NetworkReport, NetworkSpec } from './network-types.ts';
import { openNetwork } from './open-network.ts';

/** A network that one stage has for itself for as long as it runs. */
export interface StageNetwork {
  readonly enter: readonly string[];
  /** What the sandbox takes on top of its other arguments. */
  readonly sandboxArgv: readonly string[];
  /** Says what was refused or not reached, in the stage's log and notes; a host that was never reached is a failure. */
  finish(execution: Execution): Execution;
  release(): void;
}

export interface StageNetworks {
  /** @throws Error with the reason when there can be no private network */
  lease(spec: NetworkSpec, invocation: StageInvocation): Promise<StageNetwork>;
  close(): void;
}

/** What a stage may reach, or why it cannot start. */
export function stageNetworkSpec(invocation: StageInvocation, offline: boolean): NetworkSpec | Failure {
  const { stage } = invocation;
  if (stage.network === 'none') return { forwards: [] };
  if (stage.network === 'stack') {
    const given = invocation.endpoints ?? [];
    const isGiven = (own: StackEndpoint) =>
      given.some(({ host, port }) => host === own.host && port === own.port);
    const forwards = [...ownEndpoint(invocation).filter((own) => !isGiven(own)), ...given];
    if (forwards.length > 0) return { forwards: forwards.map((each) => ({ ...each, to: each.to ?? each })) };
    return { reason: 'requirement-unmet', detail: 'it needs the stack, but no service of the stack exists' };
  }
  const { egress } = stage.network;
  // Who asks for a scan of a machine of the own network means that machine.
  if (!offline) return { forwards: [], egress, inside: ownEndpoint(invocation).map(({ host }) => host) };
  return { reason: 'requirement-unmet', detail: `--offline forbids it to reach ${egress.join(', ')}` };
}

/** The target's base URL, as host and port. */
function ownEndpoint({ endpoint }: StageInvocation): StackEndpoint[] {
  const url = endpoint === undefined ? null : URL.parse(endpoint);
  if (url === null || url.hostname === '') return [];
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return [{ host: url.hostname.replace(/^\[|\]$/g, ''), port }];
}

interface Kept {
  readonly network: NetworkHandle;
  readonly hostsFile: string;
}

/**
 * Networks of a run. Stages never share one at the same time: neither their own listeners nor what is noted of them may mix.
 * One that is free again is given to the next stage that may reach the same.
 */
export function createStageNetworks(
  sandbox: Pick<WorkingSandbox, 'bwrap' | 'mark'>,
  tempDir: string,
  connector: Connector = systemConnector,
): StageNetworks {
  const free = new Map<string, Kept[]>();
  const all = new Set<Kept>();
  let filesDir: string | undefined;
  let closed = false;

  async function open(spec: NetworkSpec): Promise<Kept> {
    const network = await openNetwork(spec, { ...networkTools(sandbox), connector });
    try {
      if (closed) throw new Error('the run has ended');
      filesDir ??= mkdtempSync(join(tempDir, 'secplan-hosts-'));
      const hostsFile = join(filesDir, String(all.size));
      writeFileSync(hostsFile, network.etcHosts());
      const kept = { network, hostsFile };
      all.add(kept);
      return kept;
    } catch (error) {
      network.close();
      throw error;
    }
  }

  async function lease(spec: NetworkSpec, invocation: StageInvocation): Promise<StageNetwork> {
    const key = JSON.stringify(spec);
    const kept = free.get(key)?.pop() ?? (await open(spec));
    return {
      enter: kept.network.enter,
      sandboxArgv: ['--share-net', '--ro-bind', kept.hostsFile, '/etc/hosts'],
      finish: (execution) => finished(execution, invocation, kept.network.takeReport()),
      release() {
        kept.network.takeReport();
        free.set(key, [...(free.get(key) ?? []), kept]);
      },
    };
  }

  function close(): void {
    closed = true;
    for (const { network } of all) network.close();
    all.clear();
    free.clear();
    if (filesDir !== undefined) rmSync(filesDir, { recursive: true, force: true });
  }

  return { lease, close };
}

function finished(execution: Execution, invocation: StageInvocation, report: NetworkReport): Execution {
  const notes = networkNotes(report, invocation.redactor);
  tellLog(invocation, notes);
  if (!execution.ok) return execution;
  const lost = report.failed.filter(({ exact }) => exact);
  if (lost.length > 0) {
    const detail = lost.map(({ to, why }) => `${to}: ${why}`).join('; ');
    return { ok: false, steps: execution.steps, failure: { reason: 'unreachable', detail } };
  }
  return notes.length === 0 ? execution : { ...execution, notes };
}

/** What the reader of a result must know of its network. */
function networkNotes({ failed, refused }: NetworkReport, redactor: StageInvocation['redactor']): RunNote[] {
  const said = (text: string) => redactor.text(text);
  return [
    ...failed.map(({ to, why }): RunNote => ({ kind: 'host-not-reached', host: said(to), why: said(why) })),
    ...refused.map((to): RunNote => ({ kind: 'host-refused', host: said(to) })),
  ];
}

/** Adds to the log of the last step that ran; a stream that is an output is left as it is. */
function tellLog({ tool, logDir, redactor }: StageInvocation, notes: readonly RunNote[]): void {
  if (notes.length === 0) return;
  const text = notes.map((note) => `[secplan] ${runNoteText(note)}\n`).join('');
  for (const step of tool.provider.steps.toReversed()) {
    for (const stream of ['stderr', 'stdout'] as const) {
      const path = join(logDir, `${step.id}.${stream}`);
      if (step[stream] !== undefined || !existsSync(path)) continue;
      appendFileSync(path, redactor.text(text));
      return;
    }
  }
}
