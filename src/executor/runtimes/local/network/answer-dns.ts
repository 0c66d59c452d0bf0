const HEADER = 12;
const NAME_ERROR = 3;
const TYPE_A = 1;
const TYPE_AAAA = 28;

/**
 * Answers a DNS query (RFC 1035) out of what is allowed and asks nobody: an allowed name has the address that stands for it
 * inside, every other does not exist. Undefined for what is no query. `onRefused` gets the names that a stage tried to reach.
 */
export function answerDns(
  query: Uint8Array,
  address: (name: string) => string | undefined,
  onRefused: (name: string) => void,
): Uint8Array | undefined {
  const bytes = Buffer.from(query.buffer, query.byteOffset, query.byteLength);
  if (bytes.length < HEADER || bytes.length > 512) return undefined;
  const flags = bytes.readUInt16BE(2);
  // A response, another operation than a query, or not exactly one question.
  if ((flags & 0xf800) !== 0 || bytes.readUInt16BE(4) !== 1) return undefined;
  const question = readQuestion(bytes);
  if (question === undefined) return undefined;
  const { name, type, end } = question;
  const wanted = type === TYPE_A || type === TYPE_AAAA;
  const found = address(name);
  if (found === undefined && wanted) onRefused(name);
  const answers = found !== undefined && type === TYPE_A;
  const head = Buffer.from(bytes.subarray(0, HEADER));
  head.writeUInt16BE(0x8080 | (flags & 0x0100) | (found === undefined ? NAME_ERROR : 0), 2);
  head.writeUInt16BE(answers ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  const parts = [head, bytes.subarray(HEADER, end)];
  if (answers) {
    // The question's name, type A, class IN, 60 s, four bytes.
    const record = Buffer.from([0xc0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 0, 60, 0, 4]);
    parts.push(record, Buffer.from(found.split('.').map(Number)));
  }
  return Buffer.concat(parts);
}

function readQuestion(bytes: Buffer) {
  const labels: string[] = [];
  let at = HEADER;
  for (;;) {
    const length = bytes[at];
    // Also a pointer, which no question needs.
    if (length === undefined || length > 63 || at + 1 + length > bytes.length) return undefined;
    at += 1;
    if (length === 0) break;
    labels.push(bytes.toString('latin1', at, at + length));
    at += length;
  }
  if (at + 4 > bytes.length) return undefined;
  return { name: labels.join('.'), type: bytes.readUInt16BE(at), end: at + 4 };
}
