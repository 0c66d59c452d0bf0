import { expect, test } from 'vitest';
import { stageId } from '../../../src/core/ids.ts';
import { reportFileName, stageFileName } from '../../../src/core/stage-file-name.ts';

test('a stage of one target and one of several have names without a colon, and no two share one', () => {
  const stages = [
    stageId('trivy-fs'),
    stageId('trivy-fs', 'web'),
    stageId('trivy-fs', 'web.api'),
    stageId('trivy'),
  ];
  const names = stages.map(stageFileName);
  expect(names).toEqual(['trivy-fs', 'trivy-fs.web', 'trivy-fs.web.api', 'trivy']);
  expect(new Set(names).size).toBe(stages.length);
});

test('the name of a report leaves out the target that is called source, and no other', () => {
  expect(reportFileName('bandit', 'source')).toBe('bandit');
  expect(reportFileName('bandit', 'web')).toBe('bandit.web');
});
