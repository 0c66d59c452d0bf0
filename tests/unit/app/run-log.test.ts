import { expect, it } from 'vitest';
import { openRunLog } from '../../../src/app/scan/frame/run-log.ts';
import { diagnostic } from '../../../src/core/diagnostic.ts';
import type { RunEvent } from '../../../src/executor/events.ts';

it('times of events only go up, for the caller and for the bundle', () => {
  let now = 1000;
  const told: RunEvent[] = [];
  const log = openRunLog((event) => told.push(event), { now: () => now });
  log.start();
  now = 1040;
  const found = diagnostic('SP1011', 'no manifest found');
  log.tell(found);
  log.onEvent({ type: 'diagnostic', at: 15, diagnostic: found });
  log.onEvent({ type: 'diagnostic', at: 60, diagnostic: found });
  log.onEvent({ type: 'diagnostic', at: 0, diagnostic: found });
  expect(told.map(({ at }) => at)).toEqual([40, 40, 60, 60]);
  expect(log.events).toEqual(told);
});
