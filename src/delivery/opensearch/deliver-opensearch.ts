import type { OpensearchSpec } from '../../compiler/delivery-model.ts';
import type { BundleContent } from '../../evidence/read-bundle.ts';
import { DeliveryError } from '../delivery-error.ts';
import type { Delivered, DeliveryContext } from '../delivery-types.ts';

export async function deliverOpensearch(
  _spec: OpensearchSpec,
  _content: BundleContent,
  _privacy: boolean,
  _context: DeliveryContext,
): Promise<Delivered> {
  throw new DeliveryError('not built');
}
