import { type CodeEntry, entry } from './code-entry.ts';

/** Codes of what happens with a bundle after it was sealed: delivery and notification. */
export const DELIVERY_CODES = {
  SP6040: entry(
    'error',
    'delivery not usable',
    'A delivery or notification has no credentials, which come from declared secrets only, or nothing to deliver.',
  ),
  SP6041: entry(
    'error',
    'delivery without encryption',
    'secplan does not send reports and credentials over plain http. Use https, or set `allowPrivate: true` if the receiver is in a private network.',
  ),
  SP6042: entry(
    'error',
    'not delivered',
    'The bundle, or the message about it, did not reach a receiver. The verdict does not change; the exit code is 3 if it would have been 0. `secplan deliver` sends only what is missing.',
  ),
  SP6043: entry(
    'warning',
    'optional delivery failed',
    'A delivery that the manifest marks as optional failed. The exit code does not change.',
  ),
  SP6044: entry(
    'warning',
    'delivery skipped',
    'Nothing was sent: --offline forbids it, or the secrets of an optional delivery are missing. `secplan deliver` sends it later.',
  ),
  SP6045: entry(
    'warning',
    'delivered with a limit',
    'The receiver accepted the delivery but shows or keeps only part of it, because of its limits. The message names what is missing.',
  ),
  SP6046: entry(
    'error',
    'bundle changed after it was sealed',
    'A file of the bundle does not match checksums.txt, is missing, or was added. secplan delivers nothing from such a bundle. `secplan verify` lists the differences.',
  ),
  SP6047: entry(
    'error',
    'nowhere to deliver to',
    'The manifest has neither `delivery` nor `notify`, or no receiver with the requested name.',
  ),
  SP6048: entry(
    'error',
    'delivery is already in progress',
    'Another process on this machine is delivering this bundle, so nothing was sent: two at once could send a message twice. Wait for it, then deliver again. A lock left by a killed process is ignored.',
  ),
  SP6070: entry(
    'note',
    'nothing to deliver',
    'This run does not have what the receiver takes: release assets go to the release of a tag, and this run did not scan a tag. `secplan deliver --tag NAME` adds a bundle to a release later.',
  ),
  SP6060: entry(
    'error',
    'evidence is required and not delivered',
    '`evidence.required` is true and `delivery` names no receiver for the bundle. No scanner was started.',
  ),
} as const satisfies Record<string, CodeEntry>;
