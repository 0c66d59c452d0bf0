import type { StageResult, StageTimings } from '../executor/stage-result.ts';
import { escapeMarkup } from './escape.ts';
import type { ServiceSpan } from './service-spans.ts';

const ROW = 24;
const LEFT = 190;
const WIDTH = 760;
const PARTS = [
  'queue',
  'hash',
  'provision',
  'sandbox',
  'tool',
  'parse',
  'write',
] as const satisfies readonly (keyof StageTimings)[];
const COLORS: Readonly<Record<(typeof PARTS)[number], string>> = {
  queue: '#c9ccd1',
  hash: '#8fb8de',
  provision: '#b39ddb',
  sandbox: '#f2b880',
  tool: '#4f8a5b',
  parse: '#d98880',
  write: '#7f8c8d',
};

export interface TimelineFacts {
  /** Milliseconds. */
  readonly makespanMs: number;
  /** The shortest that any schedule could take on these limits; milliseconds. */
  readonly lowerBoundMs: number;
  /** The stack, above the stages that wait for it. */
  readonly services: readonly ServiceSpan[];
}

/** Where a run's time went: a bar a stage, split into its parts, and the gap between the makespan and its lower bound. */
export function timelineSvg(results: readonly StageResult[], facts: TimelineFacts): string {
  const rows = results
    .flatMap((result) =>
      'timings' in result
        ? [
            {
              id: result.stage as string,
              cached: result.state === 'done' && result.cached,
              timings: result.timings,
            },
          ]
        : [],
    )
    .sort((a, b) => a.timings.startedAt - b.timings.startedAt || (a.id < b.id ? -1 : 1));
  const { services } = facts;
  const end = Math.max(1, facts.makespanMs, ...rows.map((row) => row.timings.endedAt));
  const scale = WIDTH / end;
  const count = services.length + rows.length;
  const height = ROW * (count + 3);
  const bars = [
    ...services.map((service, index) => serviceBar(service, index, scale)),
    ...rows.map((row, index) => bar(row, services.length + index, scale)),
  ];
  const legend = PARTS.map(
    (part, index) =>
      `<rect x="${LEFT + index * 100}" y="6" width="12" height="12" fill="${COLORS[part]}"/><text x="${LEFT + 17 + index * 100}" y="16">${part}</text>`,
  );
  const gap = Math.max(0, facts.makespanMs - facts.lowerBoundMs);
  const foot = `total time ${seconds(facts.makespanMs)}, lower bound of the scanners ${seconds(facts.lowerBoundMs)} (dashed), gap ${seconds(gap)}`;
  const boundX = LEFT + Math.min(facts.lowerBoundMs, end) * scale;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 90} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>Timeline of the run</title><rect width="100%" height="100%" fill="#fff"/>`,
    ...legend,
    ...bars,
    `<line x1="${boundX}" x2="${boundX}" y1="${ROW}" y2="${ROW * (count + 1) + 6}" stroke="#555" stroke-dasharray="4 3"><title>lower bound of the scanners ${seconds(facts.lowerBoundMs)}</title></line>`,
    `<text x="${LEFT}" y="${height - ROW / 2}">${foot}</text>`,
    '</svg>\n',
  ].join('\n');
}

function bar(
  row: { readonly id: string; readonly cached: boolean; readonly timings: StageTimings },
  index: number,
  scale: number,
): string {
  const y = ROW * (index + 1) + 6;
  let x = LEFT + row.timings.startedAt * scale;
  // Waiting in the queue comes before the start.
  const pieces = PARTS.filter((part) => part !== 'queue').map((part) => {
    const width = row.timings[part] * scale;
    const piece = `<rect x="${x.toFixed(2)}" y="${y}" width="${width.toFixed(2)}" height="14" fill="${COLORS[part]}"><title>${part} ${seconds(row.timings[part])}</title></rect>`;
    x += width;
    return width > 0 ? piece : '';
  });
  const queue = row.timings.queue * scale;
  const queueX = LEFT + row.timings.startedAt * scale - queue;
  const took = seconds(row.timings.endedAt - row.timings.startedAt);
  return [
    `<text x="${LEFT - 8}" y="${y + 11}" text-anchor="end">${escapeMarkup(row.id)}</text>`,
    queue > 0
      ? `<rect x="${queueX.toFixed(2)}" y="${y + 5}" width="${queue.toFixed(2)}" height="4" fill="${COLORS.queue}"/>`
      : '',
    ...pieces,
    `<text x="${(x + 5).toFixed(2)}" y="${y + 11}" fill="#555">${row.cached ? 'cached' : took}</text>`,
  ].join('');
}

// Wide until it is healthy, then a line until it is stopped.
function serviceBar(service: ServiceSpan, index: number, scale: number): string {
  const y = ROW * (index + 1) + 6;
  const { startedAt, endedAt, healthyAt } = service;
  const [x, ready, end] = [startedAt, healthyAt ?? endedAt, endedAt].map((ms) => LEFT + ms * scale) as [
    number,
    number,
    number,
  ];
  const took = healthyAt === undefined ? 'never healthy' : `healthy after ${seconds(healthyAt - startedAt)}`;
  return [
    `<text x="${LEFT - 8}" y="${y + 11}" text-anchor="end">${escapeMarkup(service.id)}</text>`,
    `<rect x="${ready.toFixed(2)}" y="${y + 6}" width="${Math.max(0, end - ready).toFixed(2)}" height="2" fill="#8d6e63"/>`,
    `<rect x="${x.toFixed(2)}" y="${y}" width="${Math.max(1, ready - x).toFixed(2)}" height="14" fill="#8d6e63"><title>${took}</title></rect>`,
    `<text x="${(ready + 5).toFixed(2)}" y="${y + 4}" font-size="10" fill="#555">${took}</text>`,
  ].join('');
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
