import type { ParsedFinding } from '../../core/finding.ts';
import type { ReportVariant } from '../contract/report.ts';
import { copFinding } from './output.ts';

const LINE = /^\[(HIGH|MEDIUM|LOW|INFO)\] (?:(.{1,200}?) - )?(.{1,300}?) \(([^()\n]{1,100})\)$/gm;
const PAIR =
  /'([^'\n]{1,200})': \{'severity': '(\w{1,20})', 'impact': '[^'\n]{0,200}', 'description': '([^'\n]{0,300})'\}/g;

/** What versions before 1.3 print: lines, or a dictionary in Python's own notation. Only what was found stands there. */
export const textVariant: ReportVariant = {
  name: 'text',
  parse: (text) => {
    const found = new Map<string, ParsedFinding>();
    const add = (title: string, description: string, severity: string): void => {
      found.set(description, copFinding({ title, description, severity }));
    };
    const some = text.slice(0, 1_000_000);
    for (const [, severity = '', title, description = ''] of some.matchAll(LINE))
      add(title ?? description, description, severity);
    for (const [, title = '', severity = '', description = ''] of some.matchAll(PAIR))
      add(title, description, severity);
    if (found.size === 0)
      return {
        ok: false,
        failure: { reason: 'report-schema', output: 'report', detail: 'no line of GraphQL Cop' },
      };
    return {
      ok: true,
      findings: [...found.values()],
      notes: [],
      examined: { count: 0, unit: 'requests', evidence: 'a report from elsewhere' },
    };
  },
};
