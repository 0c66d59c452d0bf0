import type { ParsedFinding } from '../../core/finding.ts';
import type { ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { readTrivy, sanitizeTrivy } from '../families/trivy/trivy-report.ts';
import { trivyVariants } from '../families/trivy/trivy-variants.ts';
import type { Options } from './stage.ts';

export const report: StageReport<Options> = {
  variants: trivyVariants,
  parse: (raw, context) => readImage(raw.report, context, context.options.scanners),
  sanitize: (output, text) => (output === 'report' ? sanitizeTrivy(text) : text),
};

/** Trivy's report of an image. Its paths are the image's: the message names them; they are never files of the workspace. */
function readImage(
  text: string | undefined,
  context: ParseContext,
  scanners: readonly string[],
): ParseOutcome {
  const relative = (path: string): string => path.replace(/^\/+/, '');
  const read = readTrivy(text, { ...context, relative, filesGiven: 0 }, { scanners });
  return read.ok ? { ...read, findings: read.findings.map(insideImage) } : read;
}

function insideImage({ span, ...finding }: ParsedFinding): ParsedFinding {
  if (span === undefined || finding.kind === 'vulnerability') return finding;
  const line = span.startLine === undefined ? '' : `:${span.startLine}`;
  return { ...finding, message: `${finding.message} (${span.path}${line} of the image)` };
}
