import type { StageReport } from '../contract/report.ts';
import { readTreeList } from '../formats/tree-list.ts';
import type { Options } from './stage.ts';

/** What a scan reads beside the frameworks; it fetches whichever is missing. */
const NEEDED: ReadonlySet<string> = new Set([
  'attack-tracks.json',
  'controls-inputs.json',
  'exceptions.json',
]);

export const report: StageReport<Options> = {
  parse: (raw) => {
    const tree = readTreeList('db', raw.db);
    if (!tree.ok) return tree;
    const files = tree.value.files.filter(({ path, size }) => path.endsWith('.json') && size > 2);
    const whole = [...NEEDED].every((name) => files.some(({ path }) => path === name));
    const frameworks = files.filter(({ path }) => !NEEDED.has(path));
    return {
      ok: true,
      findings: [],
      notes: [],
      examined: {
        count: whole ? frameworks.length : 0,
        unit: 'files',
        evidence: 'frameworks that were written, with attack tracks, inputs and exceptions beside them',
      },
    };
  },
};
