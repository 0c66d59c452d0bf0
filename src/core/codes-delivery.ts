import { type CodeEntry, entry } from './code-entry.ts';

/** Codes of what happens with a bundle after it was sealed: delivery and notification. */
export const DELIVERY_CODES = {
  SP6040: entry(
    'error',
    'delivery not usable',
    'A delivery or notification lacks what it cannot work without: credentials, which come from declared secrets only, or something to deliver.',
  ),
  SP6041: entry(
    'error',
    'delivery in the clear',
    'Reports and credentials do not travel over plain http. Use https, or say `allowPrivate: true` where the receiver stands in a network of your own.',
  ),
  SP6042: entry(
    'error',
    'not delivered',
    'The bundle, or the message about it, did not reach a receiver. The verdict stays as it is; the exit code is 3 where it would have been 0. `secplan deliver` goes on where it stopped: what arrived is not sent again.',
  ),
  SP6043: entry(
    'warning',
    'optional delivery failed',
    'A delivery that the manifest calls optional did not arrive. The exit code does not change.',
  ),
  SP6044: entry(
    'warning',
    'delivery left out',
    'Nothing was sent: --offline forbids it, or the secrets of an optional delivery are not there. `secplan deliver` sends it later.',
  ),
  SP6045: entry(
    'warning',
    'delivered with a limit',
    'The receiver took everything, or as much as its limits allow, and shows or keeps less. The message says what.',
  ),
  SP6046: entry(
    'error',
    'bundle is not as it was sealed',
    'A file of the bundle is not the one that checksums.txt names, is missing, or was added. Nothing of such a bundle is delivered. `secplan verify` says more.',
  ),
  SP6047: entry(
    'error',
    'nowhere to deliver to',
    'The manifest has neither `delivery` nor `notify`, or none of the name that was asked for.',
  ),
  SP6048: entry(
    'error',
    'delivery is already under way',
    'Another process of this machine delivers this bundle, so nothing was sent: two at once could send a message twice. Wait for it, then deliver again. The lock of a process that was killed does not count.',
  ),
  SP6070: entry(
    'note',
    'nothing to deliver',
    'A receiver takes something that this run does not have: release assets go to the release of a tag, and the run is not of one. `secplan deliver --tag NAME` adds a bundle to a release later.',
  ),
  SP6060: entry(
    'error',
    'evidence required and not delivered',
    '`evidence.required` is true and `delivery` names nowhere that the bundle goes. Nothing was started.',
  ),
} as const satisfies Record<string, CodeEntry>;
