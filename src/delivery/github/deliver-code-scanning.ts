import { createHash } from 'node:crypto';
import type { GithubSpec } from '../../compiler/model/delivery-model.ts';
import type { BundleContent } from '../../evidence/bundle/read-bundle.ts';
import { pause } from '../../io/http/with-retries.ts';
import { type BundleFile, sealedBytes } from '../shared/bundle-files.ts';
import { DeliveryError } from '../shared/delivery-error.ts';
import type { DeliveryContext } from '../shared/delivery-types.ts';
import type { Delivered } from '../shared/receiver-report.ts';
import { type GithubClient, githubClient, jsonOf, refusal, webUrl } from './github-client.ts';
import { type SarifPart, type SplitLimits, type SplitSarif, splitSarif } from './split-sarif.ts';
import { staleParts } from './stale-parts.ts';

const POLLS = 10;
const POLL_MS = 3_000;
const MAX_SARIF_BYTES = 256 * 2 ** 20;

export interface CodeScanningOptions {
  /** Whether findings about personal data go along. */
  readonly includePrivacy: boolean;
  readonly limits?: SplitLimits;
}

/** What is uploaded of a bundle. */
export interface CodeScanningUpload {
  readonly files: readonly BundleFile[];
  readonly content: Pick<BundleContent, 'summary'>;
  readonly options: CodeScanningOptions;
}

/**
 * Uploads the findings to code scanning, in parts of their own category where GitHub takes no more at once, empties the
 * parts that a longer report of the ref left behind, and waits until all is processed. A part that was sent before is
 * not sent again.
 */
export async function deliverCodeScanning(
  spec: GithubSpec,
  { files, content, options }: CodeScanningUpload,
  context: DeliveryContext,
): Promise<Delivered> {
  const { git } = context;
  const { summary } = content;
  const client = githubClient(spec, context);
  const { repository } = client;
  if (git.sha === null || git.ref === null)
    throw new DeliveryError(
      'code scanning needs a commit and a ref: none is known (GITHUB_REF, or a branch at that commit)',
    );
  const file = files.find(({ path }) => path === 'findings.sarif');
  if (file === undefined || file.bytes > MAX_SARIF_BYTES)
    throw new DeliveryError('findings.sarif is missing or too large');
  const text = (await sealedBytes(context.bundle.dir, file)).toString('utf8');
  const category = `secplan/${summary.name}/${summary.profile}`;
  const split = splitSarif(text, category, {
    ...options,
    ...(git.prefix === undefined ? {} : { prefix: git.prefix }),
  });
  const stale = await staleParts(client, git.ref, category, split.parts.length);
  const emptied = (stale ?? []).map((name) => split.empty(name));
  const uploads = new Map(
    context.before.flatMap(({ event, item, sha256, state }) =>
      event === 'sent' && item ? [[`${item} ${sha256}`, String(state?.id ?? '')]] : [],
    ),
  );
  const url = `${client.base}/code-scanning/sarifs`;
  const ids: string[] = [];
  for (const part of [...split.parts, ...emptied]) {
    const sha256 = createHash('sha256').update(part.gzip).digest('hex');
    const known = uploads.get(`${part.category} ${sha256}`);
    const id = known ?? (await upload(client, url, part, context));
    if (known === undefined) context.log({ event: 'sent', item: part.category, sha256, state: { id } });
    ids.push(id);
  }
  const pending = await processed(client, url, ids, context);
  const results = split.parts.reduce((sum, part) => sum + part.results, 0);
  const count = split.parts.length;
  return {
    detail: `${results} results in ${count} ${count === 1 ? 'upload' : 'uploads'} to ${repository}${emptied.length === 0 ? '' : `, ${emptied.length} parts of a longer report emptied`}`,
    links: [
      {
        name: `code scanning of ${repository}`,
        url: `${webUrl(spec.apiUrl, repository)}/security/code-scanning`,
      },
    ],
    limits: limitsOf(split, stale === undefined, pending),
  };
}

/** What GitHub was not given, or may show otherwise. */
function limitsOf(
  { parts, tooLarge, withheld, cut, tagged }: SplitSarif,
  unknown: boolean,
  pending: number,
): readonly string[] {
  return [
    ...(tooLarge === 0
      ? []
      : [
          `${tooLarge} results are larger than GitHub accepts and were skipped; findings.sarif contains them`,
        ]),
    ...(withheld === 0
      ? []
      : [`${withheld} results about personal data were not sent; set includePrivacy to send them`]),
    ...(cut === 0
      ? []
      : [
          `${cut} results have more locations than GitHub accepts: only the first were sent; findings.sarif contains all`,
        ]),
    ...(tagged === 0
      ? []
      : [`${tagged} rules have more tags than GitHub accepts: only the first 20 were sent`]),
    ...(parts.length < 2 ? [] : [`the results are split over ${parts.length} categories`]),
    ...(unknown
      ? ['GitHub does not list the parts of an earlier, longer report: some of them may still be open']
      : []),
    ...(pending === 0 ? [] : [`${pending} uploads are not processed yet`]),
  ];
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
          `GitHub could not process an upload: ${(JSON.stringify(errors ?? null) ?? '').replace(/[^\x20-\x7e]+/g, ' ').slice(0, 300)}`,
        );
      if (state !== 'complete') left.push(id);
    }
    waiting = left;
  }
  return waiting.length;
}
