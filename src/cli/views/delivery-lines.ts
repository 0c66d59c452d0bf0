import type { ReceiverReport } from '../../delivery/shared/receiver-report.ts';
import { type Paint, printable } from '../shared/paint.ts';

/** What became of each receiver, and what the profile promises and the manifest does not name. */
export function deliveryLines(
  reports: readonly ReceiverReport[] = [],
  notChecked: readonly string[] = [],
  paint: Paint,
): string[] {
  const lines = reports.map(({ kind, name, state, detail }) => {
    const text = printable(`${name}: ${detail}`);
    if (state === 'delivered') return `${paint('bold', kind === 'deliver' ? 'Sent' : 'Told')}    ${text}`;
    return `${paint('yellow', state === 'failed' ? 'Not sent' : 'Skipped')}  ${text}`;
  });
  if (notChecked.some((line) => line.startsWith('attest: a delivery')))
    lines.push(
      `${paint('yellow', 'Not delivered')}: the profile promises it and the manifest has no delivery`,
    );
  if (notChecked.some((line) => line.startsWith('attest: a message')))
    lines.push(
      `${paint('yellow', 'No notification sent')}: the profile promises it and the manifest has no notify`,
    );
  return lines;
}
