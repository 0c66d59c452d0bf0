import type { StageReport } from '../contract/report.ts';
import { readTreeList } from '../formats/tree-list.ts';
import type { Options } from './stage.ts';

export const report: StageReport<Options> = {
  parse: (raw) => {
    const tree = readTreeList('db', raw.db);
    if (!tree.ok) return tree;
    const whole = tree.value.files.filter(({ path, size }) => path === 'odc.mv.db' && size > 0);
    return {
      ok: true,
      findings: [],
      notes: [],
      examined: { count: whole.length, unit: 'files', evidence: 'odc.mv.db that was written' },
    };
  },
};
