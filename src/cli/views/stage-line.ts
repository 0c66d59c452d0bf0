import type { RunEvent } from '../../executor/events.ts';
import { clip, type Paint, printable } from '../shared/paint.ts';

/** Stands above all else that a run shows. */
export const SANDBOX_OFF =
  'The sandbox is off: scanners reach all files, networks and processes that you do. The evidence says so.';

type Finished = Extract<RunEvent, { type: 'stage-finished' }>;
type Service = Extract<RunEvent, { type: 'service' }>;
type Installing = Extract<RunEvent, { type: 'installing' }>;

const STATE_STYLE = {
  done: 'green',
  incomplete: 'yellow',
  'not-applicable': 'gray',
  excluded: 'gray',
  disabled: 'gray',
  skipped: 'gray',
} as const;

const SERVICE_STYLE = { starting: 'cyan', healthy: 'green', failed: 'yellow', stopped: 'gray' } as const;

/** How a stage ended, behind its name: `done  12 findings  1.2 s`. */
export function finishedText({ state, cached, findings, ms, detail }: Finished, paint: Paint): string {
  const word = paint(STATE_STYLE[state], state);
  if (state !== 'done') return detail === '' ? word : `${word}: ${clip(printable(detail), 140)}`;
  const count = findings === 0 ? 'no findings' : findings === 1 ? '1 finding' : `${findings} findings`;
  return `${word}  ${count}  ${paint('gray', cached ? 'from the cache' : duration(ms))}`;
}

/** `installing bandit 1.9.2 (pypi:bandit)`, and whose package it is where it is not the project's own. */
export function installingText({ tool, version, from, thirdParty }: Installing): string {
  const whose = thirdParty === null ? '' : `, third-party package: ${thirdParty}`;
  return `installing ${tool}${version === null ? '' : ` ${version}`} (${printable(from)}${printable(whose)})`;
}

/** `service:db  healthy after 1.2 s`. */
export function serviceText({ stage, state, ms, detail }: Service, paint: Paint): string {
  const word = paint(SERVICE_STYLE[state], state);
  if (state === 'starting') return `${stage}  ${word}`;
  if (state === 'failed') return `${stage}  ${word}: ${clip(printable(detail), 140)}`;
  return `${stage}  ${word} ${state === 'healthy' ? 'after' : 'in'} ${paint('gray', duration(ms))}`;
}

/** `350 ms`, `1.2 s`, `3 min 20 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)} min${rest === 0 ? '' : ` ${rest} s`}`;
}
