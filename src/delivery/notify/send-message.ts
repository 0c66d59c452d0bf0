import { createHmac } from 'node:crypto';
import { sendPatiently } from '../../io/http/with-retries.ts';
import type { NotifyStage } from '../../planner/ir/ir.ts';
import { DeliveryError } from '../shared/delivery-error.ts';
import type { DeliveryContext } from '../shared/delivery-types.ts';
import type { Delivered } from '../shared/receiver-report.ts';
import { redactedDeep } from '../shared/redacted-deep.ts';
import { type Escape, fillTemplate, slackText } from './fill-template.ts';
import { holdSlackLimits } from './hold-slack-limits.ts';
import type { Message } from './message.ts';
import { SLACK_TEMPLATE } from './slack-template.ts';

// Slack refuses a block of more than 3,000 characters.
const LONGEST_BLOCK = 2_900;
const MAX_BODY_BYTES = 512 * 2 ** 10;

/** What is posted: the template's text or JSON, without the values of secrets. */
export function bodyOf(to: NotifyStage['to'], message: Message, redact: (text: string) => string): string {
  // Values go before they are written as JSON: an escaped one would not be known again.
  const clean = redactedDeep(message, redact) as Message;
  const texts = slackTexts(clean);
  const fields = { ...clean, message: clean, ...texts };
  const template = to.template ?? (to.type === 'slack' ? SLACK_TEMPLATE : '{{message}}');
  if (to.type === 'slack') {
    const filled = fillTemplate(template, fields, { text: slackText, ready: new Set(Object.keys(texts)) });
    return redact(JSON.stringify(holdSlackLimits(typeof filled === 'string' ? { text: filled } : filled)));
  }
  // JSON that was written as one text: a finding's words must not end the string that they stand in.
  const json = typeof template === 'string' && /^\s*(?:\{(?!\{)|\[)/.test(template);
  const filled = fillTemplate(template, fields, json ? JSON_TEXT : undefined);
  if (typeof filled !== 'string') return redact(JSON.stringify(filled));
  if (json && !isJson(filled))
    throw new DeliveryError('the template looks like JSON but does not produce valid JSON');
  return redact(filled);
}

const JSON_TEXT: Escape = {
  text: (text) => JSON.stringify(text).slice(1, -1),
  ready: new Set(),
  json: true,
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Posts a message. A webhook's body is signed where the manifest names a secret: `x-secplan-signature-256` is
 * `sha256=` and the hex HMAC-SHA-256 of `<x-secplan-timestamp>.<body>`.
 */
export async function sendMessage(
  to: NotifyStage['to'],
  body: string,
  id: string,
  context: DeliveryContext,
): Promise<Delivered> {
  const bytes = Buffer.from(body, 'utf8');
  if (bytes.length > MAX_BODY_BYTES)
    throw new DeliveryError(`the message has ${bytes.length} bytes; the limit is ${MAX_BODY_BYTES}`);
  const { secrets, http, now } = context;
  const url = to.type === 'slack' ? (secrets[to.url] ?? '').trim() : to.url;
  const key = to.type === 'webhook' && to.secret !== undefined ? secrets[to.secret] : undefined;
  const answer = await sendPatiently(
    http,
    async () => {
      const timestamp = String(Math.floor(now() / 1000));
      const mac =
        key === undefined ? undefined : createHmac('sha256', key).update(`${timestamp}.`).update(bytes);
      return {
        method: 'POST',
        url,
        headers: {
          'content-type':
            body.startsWith('{') || body.startsWith('[') ? 'application/json' : 'text/plain; charset=utf-8',
          'x-secplan-delivery': id,
          'x-secplan-timestamp': timestamp,
          ...(mac === undefined ? {} : { 'x-secplan-signature-256': `sha256=${mac.digest('hex')}` }),
        },
        body: bytes,
      };
    },
    context,
  );
  const { status, body: said } = answer;
  if (status >= 300 && status < 400)
    throw new DeliveryError(`it answered ${status}: redirects are not followed`, { status });
  if (status < 200 || status >= 300) {
    const text = said
      .toString('utf8')
      .replace(/[^\x20-\x7e]+/g, ' ')
      .slice(0, 120);
    throw new DeliveryError(`it answered ${status}${text === '' ? '' : ` (${text})`}`, { status });
  }
  return { detail: `a message of ${bytes.length} bytes`, links: [], limits: [] };
}

function slackTexts({
  budgets,
  findings,
  notRun,
  notRunCount,
  links,
  undelivered,
}: Message): Readonly<Record<string, string>> {
  const lines = (items: readonly string[]): string => clipped(items);
  return {
    budgetText: lines(
      budgets.map(({ scope, severity, count, limit, exceeded }) =>
        slackText(
          `${exceeded ? '✗' : '✓'} ${scope === 'overall' ? '' : `${scope} `}${severity}: ${count} of ${limit}`,
        ),
      ),
    ),
    findingText: lines([
      ...findings.top.map((one) => slackText(`• ${one.severity} ${one.rule} ${one.place}: ${one.message}`)),
      ...more(findings.count - findings.top.length),
    ]),
    notRunText: lines([
      ...notRun.map((one) => slackText(`• ${one.id} ${one.state}: ${one.detail}`)),
      ...more(notRunCount - notRun.length),
    ]),
    linkText: lines(
      links.map(({ name, url }) =>
        /^https?:\/\/[^\s|<>]+$/.test(url) ? `<${url}|${slackText(name)}>` : slackText(name),
      ),
    ),
    undeliveredText: lines(undelivered.map(slackText)),
  };
}

function more(count: number): readonly string[] {
  return count > 0 ? [`… and ${count} more in the bundle`] : [];
}

/** Whole lines as far as they fit; what does not is said. */
function clipped(items: readonly string[]): string {
  let text = '';
  for (const [index, item] of items.entries()) {
    const line = `${index === 0 ? '' : '\n'}${item}`;
    if (text.length + line.length > LONGEST_BLOCK) return `${text}\n… and ${items.length - index} more`;
    text += line;
  }
  return text;
}
