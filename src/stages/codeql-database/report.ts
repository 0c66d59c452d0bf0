import type { StageReport } from '../contract/report.ts';
import { readTreeList } from '../formats/tree-list.ts';
import type { Options } from './stage.ts';

export const report: StageReport<Options> = {
  parse: (raw) => {
    const tree = readTreeList('db', raw.db);
    if (!tree.ok) return tree;
    const has = (pattern: RegExp) =>
      tree.value.files.some(({ path, size }) => pattern.test(path) && size > 0);
    // A whole database has its description and a copy of the sources that it was made of.
    const whole = has(/^codeql-database\.yml$/) && has(/^src\.zip$|^src\//);
    return {
      ok: true,
      findings: [],
      notes: [],
      examined: {
        count: whole ? tree.value.files.length : 0,
        unit: 'files',
        evidence: 'files of the database, its description and its sources among them',
      },
    };
  },
};
