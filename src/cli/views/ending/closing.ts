import type { Finding } from '../../../core/finding.ts';
import { missingReader } from '../../../policy/required.ts';
import { type Paint, printable } from '../../shared/paint.ts';
import { shownPath } from '../../shared/shown-path.ts';
import { deliveryLines, isPromised } from '../delivery-lines.ts';
import type { EndedScan, Ending } from './ending.ts';

/** Where everything is, who has it, and the one command that helps most from here. `first` is what to fix first. */
export function closing(scan: EndedScan, ending: Ending, first: Finding | undefined): string {
  const { cwd, paint } = ending;
  const where = shownPath(cwd, scan.bundleDir);
  return [
    `${paint('bold', 'Report')}   ${where}/report.html (bundle of ${scan.summary.artifacts.length} files)`,
    ...signatureLine(scan, paint),
    ...deliveryLines(scan.delivery, scan.verdict.coverage, paint),
    `${paint('bold', 'Next')}     ${nextCommand(scan, ending, first)}`,
  ].join('\n');
}

/** Printed where a signature was made, failed, or was promised by the profile. */
function signatureLine({ signature, verdict }: EndedScan, paint: Paint): string[] {
  const missing = paint('yellow', 'Not signed');
  if (signature?.state === 'signed')
    return [`${paint('bold', 'Signed')}   by ${printable(signature.by)}; \`secplan verify --key\` checks it`];
  if (signature?.state === 'failed') return [`${missing}: ${printable(signature.why)}`];
  const promised = isPromised(verdict.coverage, 'signature');
  return promised ? [`${missing}: the profile promises it and the manifest has no evidence.sign`] : [];
}

/** Profiles that leave out what the next one has: after a pass, looking at more helps most. */
const LARGER: Readonly<Record<string, string>> = {
  smoke: 'light',
  fast: 'light',
  medium: 'standard',
  light: 'standard',
};

function nextCommand({ verdict, summary }: EndedScan, ending: Ending, first: Finding | undefined): string {
  // In a narrow terminal the command alone, so that it can be copied whole.
  const command = (text: string, why: string): string =>
    `${ending.paint('cyan', text)}${text.length + why.length + 11 > ending.width ? '' : `  ${why}`}`;
  const [missing] = verdict.incomplete;
  const lacking = missing === undefined ? missingReader(verdict.coverage) : undefined;
  if (verdict.outcome === 'incomplete' && lacking !== undefined) {
    const { language, reader } = lacking;
    return command(`tools.${reader.tool}.enabled: true`, `in the manifest: ${reader.tool} reads ${language}`);
  }
  if (verdict.outcome === 'incomplete')
    return missing === undefined
      ? command('secplan plan', 'shows why nothing ran')
      : command(`secplan why ${missing}`, 'shows the cause and the way out');
  if (verdict.outcome === 'fail' && first !== undefined)
    return command(`secplan explain ${first.fingerprint.slice(0, 12)}`, 'shows the first finding');
  const larger = LARGER[summary.profile];
  if (larger !== undefined) return command(`secplan run --profile ${larger}`, 'runs more scanners');
  return command('secplan golden update', 'records this result for comparison');
}
