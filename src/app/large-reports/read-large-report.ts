import type { LargeReportReplies, LargeReportRequest } from '../../executor/engine/large-reports.ts';
import { judge } from '../../executor/judge/judge.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import type { StageReport } from '../../stages/contract/report.ts';

// Runs in a separate process: it answers requests of fork-large-reports.ts.

process.on('message', async (request: LargeReportRequest) => {
  const report = await catalogue.get(request.definition)?.report();
  if (report === undefined) throw new Error(`no such scanner: ${request.definition}`);
  process.send?.(answer(request, report));
});

function answer(
  request: LargeReportRequest,
  report: StageReport<unknown>,
): LargeReportReplies[LargeReportRequest['kind']] {
  if (request.kind === 'judge') return judge(request.stage, request.provider, report, request.evidence);
  try {
    return { text: report.sanitize?.(request.output, request.text) ?? request.text };
  } catch (error) {
    return { detail: String(error).slice(0, 200) };
  }
}
