import { createHash } from 'node:crypto';
import type { GithubSpec } from '../../compiler/delivery-model.ts';
import type { BundleContent } from '../../evidence/read-bundle.ts';
import { pause } from '../../executor/http/with-retries.ts';
import { type BundleFile, sealedBytes } from '../bundle-files.ts';
import { DeliveryError } from '../delivery-error.ts';
import type { Delivered, DeliveryContext } from '../delivery-types.ts';
import { type GithubClient, githubClient, jsonOf, refusal, webUrl } from './github-client.ts';
import { type SarifPart, type SplitLimits, splitSarif } from './split-sarif.ts';

const POLLS = 10;
const POLL_MS = 3_000;
const MAX_SARIF_BYTES = 256 * 2 ** 20;

/**
 * Uploads the findings to code scanning, in parts of their own category where GitHub takes no more at once, and waits
 * until they are processed. A part that was sent before is not sent again.
 */
export async function deliverCodeScanning(
  spec: GithubSpec,
  files: readonly BundleFile[],
  { summary }: Pick<BundleContent, 'summary'>,
  context: DeliveryContext,
  limits?: SplitLimits,
): Promise<Delivered> {
  const { git } = context;
  const client = githubClient(spec, context);
  const { repository } = client;
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
  const url = `${client.base}/code-scanning/sarifs`;
  const ids: string[] = [];
  for (const part of parts) {
    const sha256 = createHash('sha256').update(part.gzip).digest('hex');
    const known = uploads.get(`${part.category} ${sha256}`);
    const id = known ?? (await upload(client, url, part, context));
    if (known === undefined) context.log({ event: 'sent', item: part.category, sha256, state: { id } });
    ids.push(id);
  }
  const pending = await processed(client, url, ids, context);
  const results = parts.reduce((sum, part) => sum + part.results, 0);
  return {
    detail: `${results} results in ${parts.length} ${parts.length === 1 ? 'upload' : 'uploads'} to ${repository}`,
    links: [
      {
        name: `code scanning of ${repository}`,
        url: `${webUrl(spec.apiUrl, repository)}/security/code-scanning`,
      },
    ],
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
  client: GithubClient,
  url: string,
  part: SarifPart,
  context: DeliveryContext,
): Promise<string> {
  const { sha, ref } = context.git;
  const body = { commit_sha: sha, ref, sarif: part.gzip.toString('base64'), tool_name: 'secplan' };
  const bytes = Buffer.from(JSON.stringify(body));
  const answer = await client.call({ method: 'POST', url, body: { type: 'application/json', bytes } });
  const { id } = jsonOf(answer) as { readonly id?: unknown };
  if (answer.status !== 202 || typeof id !== 'string' || !/^[\w-]{1,100}$/.test(id))
    throw refusal(part.category, answer);
  return id;
}

/** How many are still waiting. @throws DeliveryError where GitHub could not process one */
async function processed(
  client: GithubClient,
  url: string,
  ids: readonly string[],
  context: DeliveryContext,
): Promise<number> {
  let waiting = [...ids];
  for (let poll = 0; poll < POLLS && waiting.length > 0; poll++) {
    if (poll > 0) await pause(POLL_MS, context);
    const left: string[] = [];
    for (const id of waiting) {
      const answer = await client.call({ method: 'GET', url: `${url}/${id}` });
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
