import { expect, it } from 'vitest';
import { plannedLimits } from '../../../src/app/runtime/planned-limits.ts';
import { createDaggerRuntime } from '../../../src/executor/runtimes/dagger/dagger-runtime.ts';
import type { Plan } from '../../../src/planner/ir/ir.ts';
import { toolStage } from '../../support/tool-stage.ts';

const planOf = (...stages: Plan['stages']) => ({ stages }) as Plan;

it('says before a run what no engine enforces for its stages, and nothing of a machine that was not looked at', () => {
  const quiet = toolStage('ruff');
  const reaching = toolStage('grype', { network: { egress: ['example.org'] } });
  const few = plannedLimits({ runtime: 'dagger' }, planOf(quiet));
  expect(few).toEqual([
    expect.stringMatching(/^CPU share/),
    expect.stringMatching(/^memory limit by polling/),
    expect.stringMatching(/^user: /),
  ]);
  const more = plannedLimits({ runtime: 'dagger' }, planOf(quiet, reaching));
  expect(more.filter((fact) => !few.includes(fact))).toEqual([
    'network: egress is not limited to the hosts that were declared',
  ]);
  expect(plannedLimits({ runtime: 'local' }, planOf(quiet, reaching))).toEqual([]);
});

it('names what every engine lacks as the statement will', () => {
  const { notEnforced } = createDaggerRuntime({ env: {}, workspace: null, baseImage: 'base' });
  expect(plannedLimits({ runtime: 'dagger' }, planOf(toolStage('ruff')))).toEqual(
    expect.arrayContaining([...notEnforced]),
  );
});
