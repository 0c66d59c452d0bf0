import type { Clock } from '../clock.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from './http-client.ts';
import { RequestError } from './request-error.ts';

export interface Patience {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** 0 up to 1. */
  readonly random: () => number;
}

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 20_000;
/** A receiver that asks for more is given up: the run is not held for it. */
const LONGEST_ASKED_MS = 60_000;
/** From the first attempt on; what would be waited for beyond is not. */
const LONGEST_ALL_MS = 180_000;

/**
 * Tries again what may pass: waits twice as long each time, a random part of it (full jitter), or as long as the
 * receiver asks; three minutes in all. @throws what the last attempt threw
 */
export async function withRetries<T>(
  attempt: (number: number) => Promise<T>,
  patience: Patience,
): Promise<T> {
  const until = patience.clock.now() + LONGEST_ALL_MS;
  for (let number = 1; ; number++) {
    patience.signal.throwIfAborted();
    try {
      return await attempt(number);
    } catch (error) {
      if (!(error instanceof RequestError) || !error.retryable || number === ATTEMPTS) throw error;
      const asked = error.retryAfterMs ?? 0;
      if (asked > LONGEST_ASKED_MS) {
        const seconds = Math.ceil(asked / 1000);
        throw new RequestError(`${error.message}; the server asks to wait ${seconds} s, which is too long`);
      }
      const wait = Math.max(asked, backoffMs(number, patience.random()));
      if (patience.clock.now() + wait > until) throw error;
      await pause(wait, patience);
    }
  }
}

/** Milliseconds before the attempt after this one: `random` (0 up to 1) of twice as many each time, up to 20 s. */
export function backoffMs(number: number, random: number): number {
  return Math.ceil(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (number - 1)) * random);
}

/** Sends until there is an answer that will not change: success, or a refusal. Statuses up to 499 come back as they are. */
export async function sendPatiently(
  http: HttpClient,
  request: HttpRequest | (() => Promise<HttpRequest>),
  patience: Patience,
): Promise<HttpAnswer> {
  return withRetries(async () => {
    const made = typeof request === 'function' ? await request() : request;
    const answer = await http.send(made);
    const { status } = answer;
    const busy = status === 408 || status === 429 || status >= 500 || isRateLimit(answer);
    if (!busy) return answer;
    throw new RequestError(`${new URL(made.url).host} answered ${status}`, {
      retryable: status !== 501,
      retryAfterMs: askedPause(answer),
      status,
    });
  }, patience);
}

export function pause(ms: number, { clock, signal }: Pick<Patience, 'clock' | 'signal'>): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      cancel();
      reject(signal.reason as Error);
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}

// GitHub refuses with 403 what it would take later.
function isRateLimit({ status, headers }: HttpAnswer): boolean {
  return status === 403 && (headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0');
}

function askedPause({ headers }: HttpAnswer): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const until = Date.parse(text) - Date.parse(headers.date ?? '');
  return Number.isNaN(until) ? undefined : Math.max(0, until);
}
