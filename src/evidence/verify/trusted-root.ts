import type { KeyObject } from 'node:crypto';
import type { TrustMaterial } from '@sigstore/verify';
import * as z from 'zod';

const validFor = z
  .object({ start: z.iso.datetime().optional(), end: z.iso.datetime().optional() })
  .default({});
const authority = z.object({
  certChain: z.object({ certificates: z.array(z.object({ rawBytes: z.base64() })).min(1) }),
  validFor,
});
const log = z.object({
  baseUrl: z.string().default(''),
  publicKey: z.object({ rawBytes: z.base64(), validFor }),
  logId: z.object({ keyId: z.base64() }).optional(),
  checkpointKeyId: z.object({ keyId: z.base64() }).optional(),
});
const trustedRoot = z.object({
  mediaType: z.string().startsWith('application/vnd.dev.sigstore.trustedroot'),
  tlogs: z.array(log).default([]),
  certificateAuthorities: z.array(authority).default([]),
  ctlogs: z.array(log).default([]),
  timestampAuthorities: z.array(authority).default([]),
});

/**
 * What a Sigstore trusted root (JSON) vouches for; `key` is the one that a bundle without a certificate verifies with.
 * @throws ZodError, SyntaxError or the certificates' own errors on any other text
 */
export async function readTrustedRoot(text: string, key: KeyObject | null): Promise<TrustMaterial> {
  const root = trustedRoot.parse(JSON.parse(text));
  const { toTrustMaterial } = (await import('@sigstore/verify')).default;
  const bytes = (rawBytes: string): Buffer => Buffer.from(rawBytes, 'base64');
  const authorities = (list: readonly z.infer<typeof authority>[]) =>
    list.map(({ certChain, validFor: span }) => ({
      certChain: { certificates: certChain.certificates.map((item) => ({ rawBytes: bytes(item.rawBytes) })) },
      validFor: dates(span),
    }));
  const logs = (list: readonly z.infer<typeof log>[]) =>
    list.map(({ baseUrl, publicKey, logId, checkpointKeyId }) => ({
      baseUrl,
      publicKey: { rawBytes: bytes(publicKey.rawBytes), validFor: dates(publicKey.validFor) },
      logId: { keyId: bytes((checkpointKeyId ?? logId)?.keyId ?? '') },
    }));
  // The library's own type of it is in a package that it does not pass on.
  const parsed = {
    certificateAuthorities: authorities(root.certificateAuthorities),
    timestampAuthorities: authorities(root.timestampAuthorities),
    tlogs: logs(root.tlogs),
    ctlogs: logs(root.ctlogs),
  } as unknown as Parameters<typeof toTrustMaterial>[0];
  return toTrustMaterial(parsed, () => {
    if (key === null) throw new Error('the bundle needs a key, but none was given');
    return { publicKey: key, validFor: () => true };
  });
}

function dates({ start, end }: z.infer<typeof validFor>): { start: Date; end: Date } {
  return { start: new Date(start ?? 0), end: new Date(end ?? 8.64e15) };
}
