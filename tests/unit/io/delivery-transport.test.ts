import { writeFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type HttpRules, openHttpClient } from '../../../src/io/http/http-client.ts';
import { RequestError } from '../../../src/io/http/request-error.ts';
import { backoffMs, sendPatiently, withRetries } from '../../../src/io/http/with-retries.ts';
import { startCli } from '../../support/cli.ts';
import { customWorld, manifestOf } from '../../support/custom-world.ts';
import { CERTIFICATE, receiver } from '../../support/delivery-rig.ts';
import { type ManualClock, manualClock } from '../../support/manual-clock.ts';
import { LOCAL_CERTIFICATE, LOCAL_PRIVATE_KEY } from '../../support/test-certificate.ts';

const open: { dispose(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose();
});

async function serve(...args: Parameters<typeof receiver>) {
  const made = await receiver(...args);
  open.push({ dispose: made.close });
  return made;
}

function client(over: Partial<HttpRules>) {
  const made = openHttpClient({
    hosts: [],
    allowPrivate: false,
    clock: manualClock(),
    signal: new AbortController().signal,
    ...over,
  });
  open.push({ dispose: made.close });
  return made;
}

const failure = (promise: Promise<unknown>): Promise<RequestError> =>
  promise.then(
    () => {
      throw new Error('it was answered');
    },
    (error: RequestError) => error,
  );

/** Moves time on while something is waited for, whatever real time that takes. */
async function inTime<T>(clock: ManualClock, waited: Promise<T>): Promise<T> {
  let over = false;
  const ended = waited.finally(() => {
    over = true;
  });
  ended.catch(() => {});
  while (!over) {
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return ended;
}

describe('a certificate', () => {
  const toLoopback = async () => ['127.0.0.1'];

  it('that is trusted and of that name is talked to; an untrusted one, or of another name, is not, and not asked again', async () => {
    const server = await serve(() => ({ status: 200 }), { secure: true });
    const { host, port } = new URL(server.origin);
    const rules = { hosts: [host], allowPrivate: true, resolveHost: toLoopback };
    expect(
      (await client({ ...rules, ca: CERTIFICATE }).send({ method: 'GET', url: server.origin })).status,
    ).toBe(200);
    for (const [over, url, why] of [
      [{}, server.origin, /self-signed certificate/],
      [{ ca: LOCAL_CERTIFICATE }, server.origin, /self-signed certificate/],
      [{ ca: CERTIFICATE, hosts: [`other.example:${port}`] }, `https://other.example:${port}`, /altnames/],
    ] as const) {
      const error = await failure(client({ ...rules, ...over }).send({ method: 'GET', url }));
      expect([error.retryable, error.message]).toEqual([false, expect.stringMatching(why)]);
    }
    expect(server.received).toHaveLength(1);
  });

  it("of an authority of one's own is trusted where NODE_EXTRA_CA_CERTS names it", async () => {
    let received = 0;
    const server = https.createServer({ cert: LOCAL_CERTIFICATE, key: LOCAL_PRIVATE_KEY }, (_, response) => {
      received += 1;
      response.end();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    open.push({ dispose: () => server.close() });
    const { port } = server.address() as AddressInfo;
    const notify = [{ webhook: `https://127.0.0.1:${port}/x`, allowPrivate: true }];
    const made = customWorld(manifestOf({ notify }));
    open.push(made);
    await made.scan();
    const ca = join(made.root, 'ca.pem');
    writeFileSync(ca, LOCAL_CERTIFICATE);
    for (const [env, code, count] of [
      [{}, 3, 0],
      [{ NODE_EXTRA_CA_CERTS: ca }, 0, 1],
    ] as const) {
      const args = ['deliver', '--json', '--trust-workspace', '--export-dir', made.exportDir];
      const base = { PATH: '/usr/bin:/bin', HOME: made.root, SECPLAN_CACHE_DIR: join(made.root, 'cache') };
      const run = await startCli(args, made.workspace, { ...base, ...env }).ended;
      expect([run.code, received]).toEqual([code, count]);
      if (code === 3)
        expect(JSON.parse(run.stdout).diagnostics[0].summary).toContain('self-signed certificate');
    }
  });
});

describe('an address', () => {
  /** Reserved for documentation (RFC 5737): public by its number, and nobody answers there. */
  const PUBLIC = '192.0.2.1';

  it('is judged when it is connected to: a name that is public first and private then gains nothing', async () => {
    const server = await serve(() => ({ status: 200 }));
    const { port } = new URL(server.origin);
    const answers = [[PUBLIC], ['127.0.0.1'], [PUBLIC, '127.0.0.1'], ['::ffff:127.0.0.1'], []];
    const asked: string[] = [];
    const clock = manualClock();
    const one = client({
      hosts: [`rebound.example:${port}`],
      clock,
      resolveHost: async (host) => {
        asked.push(host);
        return answers[asked.length - 1] ?? [];
      },
    });
    const send = () =>
      inTime(clock, failure(one.send({ method: 'GET', url: `https://rebound.example:${port}/` })));
    expect((await send()).retryable).toBe(true);
    for (const why of ['private, loopback', 'private, loopback', 'private, loopback', 'has no address'])
      expect((await send()).message).toContain(why);
    // Each connection asked once: what was judged is what is connected to.
    expect(asked).toEqual(Array(5).fill('rebound.example'));
    expect(server.received).toHaveLength(0);
  });

  it('that a redirect leads to is not asked, nor is a host that nobody named', async () => {
    const inner = await serve(() => ({ status: 200 }));
    const server = await serve(() => ({
      status: 302,
      headers: { location: `${inner.origin}/latest/meta-data` },
    }));
    const one = client({ hosts: [new URL(server.origin).host], allowPrivate: true });
    expect((await one.send({ method: 'GET', url: server.origin })).status).toBe(302);
    expect((await failure(one.send({ method: 'GET', url: inner.origin }))).message).toContain(
      'not an allowed host',
    );
    expect(inner.received).toHaveLength(0);
  });
});

describe('an answer', () => {
  it('larger than what is read is cut off, and not asked for again', async () => {
    let sent = 0;
    const server = http.createServer((_, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const more = (): void => {
        while (!response.destroyed && sent < 2 ** 30) {
          sent += chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', more);
            return;
          }
        }
      };
      more();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    open.push({ dispose: () => server.close() });
    const { port } = server.address() as AddressInfo;
    const one = client({ hosts: [`127.0.0.1:${port}`], allowPrivate: true });
    const request = { method: 'GET', url: `http://127.0.0.1:${port}/`, maxAnswerBytes: 100_000 };
    const error = await failure(one.send(request));
    expect([error.retryable, error.message]).toEqual([false, 'the answer is larger than 100000 bytes']);
    expect(sent).toBeLessThan(2 ** 26);
  });

  it.each(['none at all', 'one that does not end'])('%s is waited for half a minute', async (how) => {
    const server = http.createServer((_, response) => {
      if (how !== 'none at all') response.write('a');
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    open.push({
      dispose: () => {
        server.close();
        server.closeAllConnections();
      },
    });
    const { port } = server.address() as AddressInfo;
    const clock = manualClock();
    const one = client({ hosts: [`127.0.0.1:${port}`], allowPrivate: true, clock });
    const waited = inTime(clock, failure(one.send({ method: 'GET', url: `http://127.0.0.1:${port}/` })));
    expect((await waited).retryable).toBe(true);
    expect(clock.now()).toBeGreaterThanOrEqual(30_000);
  });
});

describe('patience', () => {
  /** A clock that lets every pause pass at once and writes it down. */
  function patient(random = 1) {
    let now = 0;
    const pauses: number[] = [];
    const clock = {
      now: () => now,
      after(ms: number, run: () => void) {
        let live = true;
        queueMicrotask(() => {
          if (!live) return;
          pauses.push(ms);
          now += ms;
          run();
        });
        return () => {
          live = false;
        };
      },
    };
    const controller = new AbortController();
    return {
      pauses,
      spend: (ms: number) => (now += ms),
      controller,
      patience: { clock, signal: controller.signal, random: () => random },
    };
  }
  const busy = (facts: object = {}) => new RequestError('busy', { retryable: true, ...facts });

  it('doubles a random part of the pause, up to its cap, and ends after five attempts', async () => {
    const { pauses, patience } = patient();
    let attempts = 0;
    const error = await failure(
      withRetries(async (number) => {
        attempts = number;
        throw busy();
      }, patience),
    );
    expect([error.message, attempts, pauses]).toEqual(['busy', 5, [500, 1000, 2000, 4000]]);
    expect([backoffMs(1, 0), backoffMs(4, 0.5), backoffMs(7, 1), backoffMs(60, 1)]).toEqual([
      0, 2000, 20_000, 20_000,
    ]);
  });

  it('does not ask again what will not change', async () => {
    const { pauses, patience } = patient();
    await failure(withRetries(() => Promise.reject(new RequestError('no')), patience));
    expect(pauses).toEqual([]);
  });

  it.each([
    ['in seconds', { 'retry-after': '7' }, [7000]],
    ['less than its own pause', { 'retry-after': '0' }, [500]],
    [
      'until a date',
      { 'retry-after': 'Mon, 23 Nov 2026 10:00:09 GMT', date: 'Mon, 23 Nov 2026 10:00:00 GMT' },
      [9000],
    ],
    [
      'until a date that is over',
      { 'retry-after': 'Mon, 23 Nov 2026 09:00:00 GMT', date: 'Mon, 23 Nov 2026 10:00:00 GMT' },
      [500],
    ],
    ['in no words that are known', { 'retry-after': 'soon' }, [500]],
  ])('waits as long as it is asked to: %s', async (_, headers, expected) => {
    const { pauses, patience } = patient();
    let count = 0;
    const answer = await sendPatiently(
      {
        send: async () => {
          count += 1;
          return {
            status: count === 1 ? 503 : 204,
            headers: count === 1 ? headers : {},
            body: Buffer.alloc(0),
          };
        },
        close: () => {},
      },
      { method: 'GET', url: 'https://busy.example/' },
      patience,
    );
    expect([answer.status, pauses]).toEqual([204, expected]);
  });

  it('gives up what asks for too long, and after three minutes in all', async () => {
    const asked = patient();
    const error = await failure(
      withRetries(() => Promise.reject(busy({ retryAfterMs: 61_000 })), asked.patience),
    );
    expect([error.message, asked.pauses]).toEqual([
      'busy; the server asks to wait 61 s, which is too long',
      [],
    ]);
    const slow = patient();
    await failure(withRetries(() => Promise.reject(busy({ retryAfterMs: 59_000 })), slow.patience));
    expect(slow.pauses).toEqual([59_000, 59_000, 59_000]);
    const hanging = patient();
    await failure(
      withRetries(async () => {
        hanging.spend(100_000);
        throw busy();
      }, hanging.patience),
    );
    expect(hanging.pauses).toEqual([500]);
  });

  it('ends at once when the run is interrupted', async () => {
    const { patience, controller } = patient();
    const stopped = withRetries(async () => {
      controller.abort(new Error('interrupted'));
      throw busy();
    }, patience);
    await expect(stopped).rejects.toThrow('interrupted');
  });
});
