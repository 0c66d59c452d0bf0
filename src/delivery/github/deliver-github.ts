import type { GithubSpec } from '../../compiler/delivery-model.ts';
import type { BundleFile } from '../bundle-files.ts';
import { DeliveryError } from '../delivery-error.ts';
import type { Delivered, DeliveryContext } from '../delivery-types.ts';

export async function deliverGithub(
  _spec: GithubSpec,
  _files: readonly BundleFile[],
  _context: DeliveryContext,
): Promise<Delivered> {
  throw new DeliveryError('not built');
}
