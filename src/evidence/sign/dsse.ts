/** Pre-authentication encoding of DSSE v1.0 (secure-systems-lab/dsse, protocol.md): the bytes that are signed. */
export function pae(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head, 'utf8'), payload]);
}
