import type { StageReport } from '../contract/report.ts';
import { readTreeList } from '../formats/tree-list.ts';
import type { Options } from './stage.ts';

export const report: StageReport<Options> = {
  parse: (raw) => {
    const tree = readTreeList('db', raw.db);
    if (!tree.ok) return tree;
    // `6/vulnerability.db` and, beside it, the digest that Grype holds it against.
    const folders = tree.value.files.filter(
      ({ path, size }) => /^\d{1,3}\/vulnerability\.db$/.test(path) && size > 0,
    );
    const whole = folders.filter(({ path }) =>
      tree.value.files.some((other) => other.path === path.replace('vulnerability.db', 'import.json')),
    );
    return {
      ok: true,
      findings: [],
      notes: [],
      examined: { count: whole.length, unit: 'files', evidence: 'vulnerability.db with its import.json' },
    };
  },
};
