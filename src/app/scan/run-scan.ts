import { scanOptions } from '../contract/scan-options.ts';
import type { ScanOutcome, ScanRequest } from '../contract/scan-types.ts';
import { scanWorkspace } from './scan-workspace.ts';

/**
 * A scan for callers of the library: checks the options and fills in the defaults.
 * @throws ZodError on options that the schema refuses; anything else that is thrown is a bug
 */
export async function runScan(request: ScanRequest): Promise<ScanOutcome> {
  return scanWorkspace({ ...request, options: scanOptions.parse(request.options) });
}
