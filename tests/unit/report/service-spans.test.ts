import { describe, expect, it } from 'vitest';
import { stageId } from '../../../src/core/ids.ts';
import type { RunEvent, ServiceState } from '../../../src/executor/events.ts';
import { serviceSpans } from '../../../src/report/service-spans.ts';
import { timelineSvg } from '../../../src/report/timeline-svg.ts';

const service = (name: string, state: ServiceState, at: number): RunEvent => ({
  ...{ type: 'service', at, stage: stageId(`service:${name}`), state, ms: 0, detail: '' },
});

describe('the services of a run', () => {
  const spans = serviceSpans(
    [
      service('db', 'starting', 10),
      service('api', 'starting', 900),
      service('db', 'healthy', 800),
      service('db', 'stopped', 5000),
      service('api', 'failed', 4000),
    ],
    6000,
  );

  it('are told from their events, whether they came up or not', () => {
    expect(spans).toEqual([
      { id: 'service:db', startedAt: 10, healthyAt: 800, endedAt: 5000 },
      { id: 'service:api', startedAt: 900, endedAt: 4000 },
    ]);
  });

  it('stand in the timeline', () => {
    const svg = timelineSvg([], { makespanMs: 6000, lowerBoundMs: 0, services: spans });
    expect(svg).toContain('>service:db<');
    expect(svg).toContain('healthy after 790 ms');
    expect(svg).toContain('never healthy');
  });
});
