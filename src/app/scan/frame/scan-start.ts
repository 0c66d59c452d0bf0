import type { ScanOptions } from '../../contract/scan-option-types.ts';
import type { ScanSurroundings } from '../../contract/scan-types.ts';
import type { Resources } from './resources.ts';
import type { RunLog } from './run-log.ts';

/** What the first phase of a scan is given. */
export interface ScanStart extends Omit<ScanSurroundings, 'onEvent'> {
  readonly options: ScanOptions;
  readonly log: RunLog;
  /** Open until the scan ends, however it ends. */
  readonly resources: Resources;
}
