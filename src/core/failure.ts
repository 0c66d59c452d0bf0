/** Why a stage gave no result. Every one of them makes its gate incomplete, never pass. */
export type Failure =
  | { readonly reason: 'tool-missing'; readonly detail: string }
  | { readonly reason: 'install-failed'; readonly detail: string }
  | { readonly reason: 'tool-changed'; readonly detail: string }
  | { readonly reason: 'spawn-failed'; readonly detail: string }
  | {
      readonly reason: 'exit-code';
      readonly step: string;
      readonly exitCode: number;
      readonly stderrTail: string;
    }
  | { readonly reason: 'signal'; readonly step: string; readonly signal: string }
  | { readonly reason: 'timeout'; readonly limitMs: number }
  | { readonly reason: 'memory'; readonly limitBytes: number }
  | { readonly reason: 'process-limit'; readonly limit: number }
  | { readonly reason: 'file-limit'; readonly folder: WrittenFolder; readonly limit: number }
  | { readonly reason: 'disk-limit'; readonly folder: WrittenFolder; readonly limitBytes: number }
  | { readonly reason: 'output-too-large'; readonly output: string; readonly limitBytes: number }
  | { readonly reason: 'report-missing'; readonly output: string }
  | { readonly reason: 'report-empty'; readonly output: string }
  | { readonly reason: 'report-malformed'; readonly output: string; readonly detail: string }
  | { readonly reason: 'report-schema'; readonly output: string; readonly detail: string }
  | { readonly reason: 'report-limit'; readonly output: string; readonly limit: ReportLimit }
  | { readonly reason: 'exit-contradicts-report'; readonly exitCode: number; readonly findings: number }
  | { readonly reason: 'error-text'; readonly text: string }
  | { readonly reason: 'nothing-examined'; readonly given: number; readonly detail: string }
  | { readonly reason: 'input-missing'; readonly artifact: string; readonly producer: string }
  | { readonly reason: 'requirement-unmet'; readonly detail: string }
  | { readonly reason: 'required-by-policy'; readonly detail: string }
  | { readonly reason: 'sandbox-unavailable'; readonly detail: string }
  | { readonly reason: 'unreachable'; readonly detail: string }
  | { readonly reason: 'stack'; readonly service: string; readonly detail: string }
  | { readonly reason: 'disk-full'; readonly detail: string }
  | { readonly reason: 'engine'; readonly detail: string }
  | { readonly reason: 'interrupted' };

/** What a report takes too much of: memory to read it, or room for the text of its findings and notes. Bytes, characters. */
export type ReportLimit =
  | { readonly kind: 'memory'; readonly bytes: number }
  | { readonly kind: 'text'; readonly characters: number };

/** A folder of the machine that a scanner writes to, as it sees it. */
export type WrittenFolder = '/out' | '/tmp';

export type FailureReason = Failure['reason'];

const INFRASTRUCTURE: ReadonlySet<FailureReason> = new Set([
  'sandbox-unavailable',
  'unreachable',
  'stack',
  'disk-full',
  'engine',
]);

/** Whether the cause lies in the machine and not in the scanner (exit code 3 instead of 4). */
export function isInfrastructure({ reason }: Pick<Failure, 'reason'>): boolean {
  return INFRASTRUCTURE.has(reason);
}
