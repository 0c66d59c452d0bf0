import { z } from 'zod';
import type { ReportVariant } from '../contract/report.ts';
import { readXmlReport, xmlText } from '../formats/xml-report.ts';
import { alert, alertFinding } from './json.ts';

const item = alert.extend({
  instances: z
    .union([
      z.object({ instance: z.array(z.object({ uri: z.string(), method: z.string().nullish() })) }),
      z.literal(''),
    ])
    .nullish(),
});
const report = z.object({
  OWASPZAPReport: z.object({
    site: z
      .array(z.object({ alerts: z.union([z.object({ alertitem: z.array(item) }), z.literal('')]).nullish() }))
      .default([]),
  }),
});

/** The template `traditional-xml`, also with a comment before its declaration, as some archives have it. */
export const xmlVariant: ReportVariant = {
  name: 'XML',
  parse: (text) => {
    const whole = text.replace(/^\s*(?:<!--(?:(?!-->)[\s\S])*-->\s*)+(?=<\?xml)/, '');
    const read = readXmlReport('report', whole, ['site', 'alertitem', 'instance'], report);
    if (!read.ok) return read;
    const items = read.value.OWASPZAPReport.site.flatMap(({ alerts }) => (alerts ? alerts.alertitem : []));
    return {
      ok: true,
      findings: items.flatMap(({ instances, ...rest }) =>
        alertFinding({
          ...rest,
          ...(rest.name ? { name: xmlText(rest.name) } : {}),
          instances: instances
            ? instances.instance.map(({ uri, method }) => ({ uri: xmlText(uri), method }))
            : [],
        }),
      ),
      notes: [],
      examined: { count: 0, unit: 'requests', evidence: 'a report from elsewhere' },
    };
  },
};
