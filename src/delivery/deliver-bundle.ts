import { basename } from 'node:path';
import { canonicalJson, sha256Hex } from '../core/canonical.ts';
import type { PublishRedactor } from '../core/redaction/redactor.ts';
import type { BundleContent } from '../evidence/bundle/read-bundle.ts';
import type { Clock } from '../io/clock.ts';
import { type HttpRules, openHttpClient } from '../io/http/http-client.ts';
import { deliverCodeScanning } from './github/deliver-code-scanning.ts';
import { deliverReleaseAssets, noRelease } from './github/deliver-release-assets.ts';
import { messageOf } from './notify/message.ts';
import { bodyOf, sendMessage } from './notify/send-message.ts';
import { deliverOpensearch } from './opensearch/deliver-opensearch.ts';
import { deliverS3, type S3Sizes } from './s3/deliver-s3.ts';
import { type BundleFiles, filesFor } from './shared/bundle-files.ts';
import { cleanAnswers } from './shared/clean-answers.ts';
import { DeliveryError } from './shared/delivery-error.ts';
import type { DeliveryLog } from './shared/delivery-log.ts';
import type { DeliveryContext, GitFacts } from './shared/delivery-types.ts';
import { receiverName } from './shared/receiver-name.ts';
import type {
  Delivered,
  ReceiverReport,
  ReceiverStage,
  ReceiverState,
  SkipReason,
} from './shared/receiver-report.ts';

export interface DeliverRequest {
  /** Deliveries first, then notifications. */
  readonly stages: readonly ReceiverStage[];
  readonly files: BundleFiles;
  readonly content: BundleContent;
  /** Values by name; of a receiver with one that is missing nothing is sent. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly redactor: PublishRedactor;
  readonly log: DeliveryLog;
  readonly git: GitFacts;
  readonly offline: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** For tests: other certificates, another resolver, smaller parts. */
  readonly http?: Pick<HttpRules, 'ca' | 'resolveHost'>;
  readonly sizes?: S3Sizes;
}

/**
 * Hands a sealed bundle on, one receiver after the other; what one lacks does not hold up the next. What arrived in an
 * earlier attempt is not sent again.
 * @throws what an abort throws, and the file system's errors of the log
 */
export async function deliverBundle(request: DeliverRequest): Promise<readonly ReceiverReport[]> {
  const { stages, log } = request;
  const reports: ReceiverReport[] = [];
  for (const stage of stages) {
    const { id, kind, optional } = stage;
    const outcome = await handOn(stage, request, reports);
    const { payload, ...state } = outcome;
    const name = receiverName(stage);
    reports.push({ id, kind, name, optional, ...state });
    // What was only left out stays given up.
    if (state.state === 'delivered') log.letters.settle(id, undefined);
    if (state.state === 'failed')
      log.letters.settle(id, {
        schema: 'https://secplan.dev/schema/dead-letter/v1',
        at: new Date(request.now()).toISOString(),
        bundle: basename(request.content.dir),
        target: id,
        name,
        why: state.detail,
        ...(payload === undefined ? {} : { payload }),
      });
  }
  return reports;
}

type Outcome = ReceiverState & { readonly payload?: string | undefined };

async function handOn(
  stage: ReceiverStage,
  request: DeliverRequest,
  reports: readonly ReceiverReport[],
): Promise<Outcome> {
  const { log, redactor, signal, offline, secrets, content } = request;
  const to = digestOf(stage, request.git);
  const line = (entry: Parameters<DeliveryContext['log']>[0]) =>
    log.write({ target: stage.id, to, ...entry });
  const skipped = (why: SkipReason, detail: string): Outcome => {
    line({ event: 'skipped', detail });
    return { state: 'skipped', why, detail };
  };
  const before = log.of(stage.id, to);
  if (offline) return skipped('offline', '--offline forbids the network');
  if (stage.kind === 'notify' && stage.on === 'fail' && content.verdict.outcome === 'pass')
    return { state: 'skipped', why: 'not-asked', detail: 'it is notified of failures only' };
  const done = before.findLast(({ event }) => event === 'delivered' || event === 'failed');
  if (done?.event === 'delivered') {
    const links = JSON.parse(String(done.state?.links ?? '[]')) as Delivered['links'];
    return { state: 'delivered', detail: `${done.detail ?? ''} (before)`.trim(), links, limits: [] };
  }
  const nothing = stage.to.type === 'github-release' ? noRelease(request) : undefined;
  if (nothing !== undefined) return skipped('nothing', nothing);
  const lacking = stage.secrets.filter((name) => !secrets[name]);
  if (lacking.length > 0) return skipped('secrets', `its secrets are missing: ${lacking.join(', ')}`);
  const hosts = stage.network === 'none' || stage.network === 'stack' ? [] : stage.network.egress;
  const { allowPrivate } = stage;
  const http = cleanAnswers(openHttpClient({ ...request, ...request.http, hosts, allowPrivate }), redactor);
  const context: DeliveryContext = {
    ...request,
    bundle: request.files,
    bundleId: basename(content.dir),
    http,
    before,
    log: line,
  };
  let payload: string | undefined;
  try {
    const keep = (body: string): void => {
      payload = body;
    };
    const delivered = await send(stage, { request, context, reports, keep });
    line({ event: 'delivered', detail: delivered.detail, state: { links: JSON.stringify(delivered.links) } });
    return { state: 'delivered', ...delivered };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DeliveryError)) throw error;
    const detail = redactor.text(error.message);
    line({ event: 'failed', detail });
    return { state: 'failed', detail, payload };
  } finally {
    http.close();
  }
}

interface Sending {
  readonly request: DeliverRequest;
  readonly context: DeliveryContext;
  /** What came of the receivers before: a message names them. */
  readonly reports: readonly ReceiverReport[];
  /** Called with the message before it is sent. */
  readonly keep: (body: string) => void;
}

async function send(stage: ReceiverStage, { request, context, reports, keep }: Sending): Promise<Delivered> {
  const { content, git, redactor, sizes } = request;
  if (stage.kind === 'notify') {
    const id = sha256Hex(
      `${context.bundleId} ${content.summary.planDigest} ${stage.id} ${digestOf(stage, git)}`,
    ).slice(0, 32);
    const message = messageOf(content, id, git, reports);
    const body = bodyOf(stage.to, message, (text) => redactor.text(text));
    keep(body);
    return sendMessage(stage.to, body, id, context);
  }
  const files = filesFor(request.files, stage.includePrivacy);
  switch (stage.to.type) {
    case 's3':
      return deliverS3(stage.to, files, context, sizes);
    case 'github':
      return deliverCodeScanning(stage.to, { files, content, options: stage }, context);
    case 'github-release':
      return deliverReleaseAssets(stage.to, files, context);
    case 'opensearch':
      return deliverOpensearch(stage.to, content, stage.includePrivacy, context);
  }
}

/** What makes it the same receiver as before: where to, and what it is given. */
function digestOf(stage: ReceiverStage, { tags }: GitFacts): string {
  const privacy = stage.kind === 'deliver' && stage.includePrivacy;
  const release = stage.to.type === 'github-release' ? { tags } : {};
  return sha256Hex(canonicalJson({ to: stage.to, privacy, ...release } as never)).slice(0, 16);
}
