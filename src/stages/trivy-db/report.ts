import type { StageReport } from '../contract/report.ts';
import { readTreeList } from '../formats/tree-list.ts';
import type { Options } from './stage.ts';

export const report: StageReport<Options> = {
  parse: (raw) => {
    const tree = readTreeList('db', raw.db);
    if (!tree.ok) return tree;
    const files = tree.value.files.filter(({ path, size }) => path === 'db/trivy.db' && size > 0);
    return {
      ok: true,
      findings: [],
      notes: [],
      examined: { count: files.length, unit: 'files', evidence: 'db/trivy.db was written' },
    };
  },
};
