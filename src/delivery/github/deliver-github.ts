import { createHash } from 'node:crypto';
import type { GithubSpec } from '../../compiler/delivery-model.ts';
import type { BundleContent } from '../../evidence/read-bundle.ts';
import type { HttpAnswer } from '../../executor/http/http-client.ts';
import { pause, sendPatiently } from '../../executor/http/with-retries.ts';
import { type BundleFile, sealedBytes } from '../bundle-files.ts';
import { DeliveryError } from '../delivery-error.ts';
import type { Delivered, DeliveryContext } from '../delivery-types.ts';
import { type SarifPart, type SplitLimits, splitSarif } from './split-sarif.ts';

const API_VERSION = '2022-11-28';
const POLLS = 10;
const POLL_MS = 3_000;
const MAX_SARIF_BYTES = 256 * 2 ** 20;

/**
 * Uploads the findings to code scanning, in parts of their own category where GitHub takes no more at once, and waits
 * until they are processed. A part that was sent before is not sent again.
 */
export async function deliverGithub(
  spec: GithubSpec,
  files: readonly BundleFile[],
  { summary }: Pick<BundleContent, 'summary'>,
  context: DeliveryContext,
  limits?: SplitLimits,
): Promise<Delivered> {
  const { git } = context;
  const repository = spec.repository ?? git.repository;
  if (repository === null) throw new DeliveryError('no repository: name one in delivery.github.repository');
  if (git.sha === null || git.ref === null)
    throw new DeliveryError(
      'code scanning needs a commit and a ref: none is known (GITHUB_REF, or a branch that still stands at the commit)',
    );
  const file = files.find(({ path }) => path === 'findings.sarif');
  if (file === undefined || file.bytes > MAX_SARIF_BYTES)
    throw new DeliveryError('findings.sarif is missing or too large');
  const text = (await sealedBytes(context.bundle.dir, file)).toString('utf8');
  const { parts, tooLarge } = splitSarif(text, `secplan/${summary.name}/${summary.profile}`, limits);
  const uploads = new Map(
    context.before.flatMap(({ event, item, sha256, state }) =>
      event === 'sent' && item ? [[`${item} ${sha256}`, String(state?.id ?? '')]] : [],
    ),
  );
  const path = `${spec.apiUrl}/repos/${repository}/code-scanning/sarifs`;
  const ids: string[] = [];
  for (const part of parts) {
    const sha256 = createHash('sha256').update(part.gzip).digest('hex');
    const known = uploads.get(`${part.category} ${sha256}`);
    const id = known ?? (await upload(path, part, spec, context));
    if (known === undefined) context.log({ event: 'sent', item: part.category, sha256, state: { id } });
    ids.push(id);
  }
  const pending = await processed(path, ids, spec, context);
  const results = parts.reduce((sum, part) => sum + part.results, 0);
  return {
    detail: `${results} results in ${parts.length} ${parts.length === 1 ? 'upload' : 'uploads'} to ${repository}`,
    links: [{ name: `code scanning of ${repository}`, url: webUrl(spec.apiUrl, repository) }],
    limits: [
      ...(tooLarge === 0
        ? []
        : [
            `${tooLarge} results are larger than GitHub takes and were left out; they stand in findings.sarif`,
          ]),
      ...(parts.length < 2
        ? []
        : [
            `the results are split over ${parts.length} categories; a category of an earlier, longer report stays until it is deleted there`,
          ]),
      ...(pending === 0 ? [] : [`${pending} uploads are not processed yet`]),
    ],
  };
}

async function upload(
  path: string,
  part: SarifPart,
  spec: GithubSpec,
  context: DeliveryContext,
): Promise<string> {
  const { sha, ref } = context.git;
  const body = { commit_sha: sha, ref, sarif: part.gzip.toString('base64'), tool_name: 'secplan' };
  const answer = await call('POST', path, spec, context, Buffer.from(JSON.stringify(body)));
  const { id } = jsonOf(answer) as { readonly id?: unknown };
  if (answer.status !== 202 || typeof id !== 'string' || !/^[\w-]{1,100}$/.test(id))
    throw refusal(part.category, answer);
  return id;
}

/** How many are still waiting. @throws DeliveryError where GitHub could not process one */
async function processed(
  path: string,
  ids: readonly string[],
  spec: GithubSpec,
  context: DeliveryContext,
): Promise<number> {
  let waiting = [...ids];
  for (let poll = 0; poll < POLLS && waiting.length > 0; poll++) {
    if (poll > 0) await pause(POLL_MS, context);
    const left: string[] = [];
    for (const id of waiting) {
      const answer = await call('GET', `${path}/${id}`, spec, context);
      const { processing_status: state, errors } = jsonOf(answer) as {
        processing_status?: string;
        errors?: unknown;
      };
      // One that was just taken may not be known yet.
      if (answer.status !== 200 && answer.status !== 404) throw refusal(`upload ${id}`, answer);
      if (state === 'failed')
        throw new DeliveryError(
          `GitHub could not process an upload: ${JSON.stringify(errors).slice(0, 300)}`,
        );
      if (state !== 'complete') left.push(id);
    }
    waiting = left;
  }
  return waiting.length;
}

async function call(
  method: string,
  url: string,
  spec: GithubSpec,
  context: DeliveryContext,
  body?: Buffer,
): Promise<HttpAnswer> {
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${context.secrets[spec.token] ?? ''}`,
    'x-github-api-version': API_VERSION,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  return sendPatiently(
    context.http,
    { method, url, headers, ...(body === undefined ? {} : { body }) },
    context,
  );
}

function jsonOf({ body }: HttpAnswer): object {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function refusal(what: string, answer: HttpAnswer): DeliveryError {
  const { message } = jsonOf(answer) as { readonly message?: unknown };
  const said =
    typeof message === 'string' ? ` (${message.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200)})` : '';
  return new DeliveryError(`${what}: GitHub answered ${answer.status}${said}`, { status: answer.status });
}

function webUrl(apiUrl: string, repository: string): string {
  const { host } = new URL(apiUrl);
  return `https://${host === 'api.github.com' ? 'github.com' : host}/${repository}/security/code-scanning`;
}
