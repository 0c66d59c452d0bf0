// A receiver of secplan's webhooks: `WEBHOOK_SECRET=… node receive.mjs [PORT]`.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

/** Seconds that a message may be old: a recorded one is not played again after that. */
const OLDEST = 300;
const MOST_BYTES = 1_000_000;

/**
 * Whether a message is from who knows the secret, and new. `headers` in lower case; `body` are the bytes as they came,
 * before anything parses them; `now` in seconds since the epoch.
 */
export function isGenuine(headers, body, secret, now) {
  const timestamp = headers['x-secplan-timestamp'] ?? '';
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now - Number(timestamp)) > OLDEST) return false;
  const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
  const [, hex = ''] = /^sha256=([0-9a-f]{64})$/.exec(headers['x-secplan-signature-256'] ?? '') ?? [];
  const told = Buffer.from(hex, 'hex');
  // Compared in constant time: how far a guess is right must not be told by how long it takes.
  return told.length === expected.length && timingSafeEqual(told, expected);
}

/** Takes each message once; `accept` gets the parsed body. */
export function receiver(secret, accept, now = () => Date.now() / 1000) {
  const seen = new Map();
  return createServer((request, response) => {
    const chunks = [];
    let bytes = 0;
    request.on('data', (chunk) => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) request.destroy();
      else chunks.push(chunk);
    });
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (!isGenuine(request.headers, body, secret, now())) {
        response.writeHead(401).end();
        return;
      }
      for (const [id, at] of seen) if (now() - at > 2 * OLDEST) seen.delete(id);
      const id = request.headers['x-secplan-delivery'];
      if (!seen.has(id)) {
        seen.set(id, now());
        accept(JSON.parse(body.toString('utf8')));
      }
      response.writeHead(204).end();
    });
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const secret = process.env.WEBHOOK_SECRET;
  if (!secret) throw new Error('WEBHOOK_SECRET is not set');
  receiver(secret, (message) => console.log(message)).listen(Number(process.argv[2] ?? 8080), '127.0.0.1');
}
