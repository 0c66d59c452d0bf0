import { diagnostic, isError } from '../../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../../core/outcome.ts';
import { isBundleId } from '../../../evidence/bundle/bundle-id.ts';
import { catalogue } from '../../../stages/catalogue.gen.ts';
import { imagePins } from '../../runtime/image-pins.ts';
import { placeOf } from '../../runtime/place-of.ts';
import type { ScanStart } from '../frame/scan-start.ts';
import type { Planned } from './plan.ts';

/** Refuses a runtime that this version lacks, a bundle id that cannot be a folder, and unpinned images: SP2020, SP4002, SP9001. */
export async function requirements({
  env,
  options,
  prepared,
}: ScanStart & Planned): Promise<Outcome<Record<never, never>>> {
  const { runtime } = prepared;
  if (runtime === 'managed') {
    return failed([
      diagnostic('SP2020', `runtime ${runtime} is not implemented in this version of secplan`, {
        help: 'Use --runtime local or --runtime dagger.',
      }),
    ]);
  }
  if (options.bundleId !== undefined && !isBundleId(options.bundleId)) {
    return failed([
      diagnostic('SP9001', `not a bundle id: ${options.bundleId}`, {
        help: 'Letters, digits, `.`, `_` and `-`.',
      }),
    ]);
  }
  const images = imagePins({ ...prepared, catalogue }, options, env, placeOf(runtime));
  return images.some(isError) ? failed(images) : success({}, images);
}
