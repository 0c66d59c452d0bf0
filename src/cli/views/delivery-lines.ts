import type { PromisedEvidence } from '../../core/gap.ts';
import type { ReceiverReport } from '../../delivery/shared/receiver-report.ts';
import type { Coverage } from '../../policy/coverage.ts';
import { type Paint, printable } from '../shared/paint.ts';

/** The result for each receiver, and what the profile promises and the manifest does not name. */
export function deliveryLines(
  reports: readonly ReceiverReport[] | undefined,
  coverage: Pick<Coverage, 'notChecked'>,
  paint: Paint,
): string[] {
  const lines = (reports ?? []).map(({ kind, name, state, detail }) => {
    const text = printable(`${name}: ${detail}`);
    if (state === 'delivered') return `${paint('bold', kind === 'deliver' ? 'Sent' : 'Told')}    ${text}`;
    return `${paint('yellow', state === 'failed' ? 'Not sent' : 'Skipped')}  ${text}`;
  });
  if (isPromised(coverage, 'delivery'))
    lines.push(
      `${paint('yellow', 'Not delivered')}: the profile promises it and the manifest has no delivery`,
    );
  if (isPromised(coverage, 'message'))
    lines.push(
      `${paint('yellow', 'No notification sent')}: the profile promises it and the manifest has no notify`,
    );
  return lines;
}

/** Whether the profile promises something that the manifest does not provide for. */
export function isPromised({ notChecked }: Pick<Coverage, 'notChecked'>, what: PromisedEvidence): boolean {
  return notChecked.some((gap) => gap.kind === 'promised' && gap.what === what);
}
