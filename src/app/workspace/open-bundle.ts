import type { Outcome } from '../../core/outcome.ts';
import { type BundleContent, readBundle } from '../../evidence/bundle/read-bundle.ts';
import { type BundleRequest, findBundle } from './find-bundle.ts';

/** Reads the bundle that a request names: SP5088, SP6001, SP6002. */
export async function openBundle(request: BundleRequest): Promise<Outcome<BundleContent>> {
  const found = await findBundle(request);
  return found.ok ? readBundle(found.value) : found;
}
