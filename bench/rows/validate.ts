import { join } from 'node:path';
import { interleave, run } from '../measure.ts';
import { figure, type Row } from '../row.ts';

export const validate: Row = {
  id: 'validate',
  about:
    'In process: loading the validator that was compiled ahead, against ajv compiling the same schema at run time; then the second validation of a parsed manifest of 1,000 tools (the first also compiles), against JSON.parse of its text.',
  async measure({ root, node, runs }) {
    const script = (name: string, ...args: string[]) => {
      const argv = [node, join(root, 'bench', 'in-process', name), ...args];
      return () => (JSON.parse(run({ argv })) as { ms: number }).ms;
    };
    const load = await interleave(
      [
        { name: 'import of the validator', once: script('validate.ts', 'load') },
        { name: 'ajv at run time', once: script('ajv-at-run-time.ts') },
      ],
      runs,
    );
    const validated = await interleave(
      [
        { name: 'validate', once: script('validate.ts', 'validate', '1000') },
        { name: 'JSON.parse of it', once: script('parse-json.ts', '1000') },
      ],
      runs,
    );
    return [
      figure('load the validator', load, { text: '<= 10 ms', limit: 10 }),
      figure('validate 1,000 tools', validated, { text: '<= 2 ms', limit: 2 }),
    ];
  },
};
