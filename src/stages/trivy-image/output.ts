import type { ParsedFinding } from '../../core/finding.ts';
import type { ParseContext, ParseOutcome } from '../contract/report.ts';
import { readTrivy } from '../families/trivy/trivy-report.ts';

/** Trivy's report of an image. Its paths are the image's: they are told in the message, never as files of the workspace. */
export function readImage(
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
