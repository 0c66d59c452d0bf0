import { DeliveryError } from '../shared/delivery-error.ts';
import { type GithubClient, jsonOf, refusal } from './github-client.ts';

export interface Release {
  readonly id: number;
  readonly draft: boolean;
  /** GitHub takes nothing more for it. */
  readonly immutable: boolean;
  /** Where its files are uploaded, without the template's end. */
  readonly uploadUrl: string;
}

export interface Asset {
  readonly id: number;
  readonly name: string;
  /** `uploaded`; anything else is half of a file. */
  readonly state: string;
  readonly bytes: number;
  /** `sha256:<hex>`; null for old ones and at servers that do not tell. */
  readonly digest: string | null;
}

const PER_PAGE = 30;
/** Drafts are found in the list only; this many releases back. */
const RELEASE_PAGES = 10;
const ASSETS_PER_PAGE = 100;
/** GitHub keeps 1,000 files of a release. */
const ASSET_PAGES = 10;

/** The release of a tag, a draft too; undefined where there is none. @throws DeliveryError */
export async function findRelease(client: GithubClient, tag: string): Promise<Release | undefined> {
  const url = `${client.base}/releases`;
  const answer = await client.call({ method: 'GET', url: `${url}/tags/${pathOf(tag)}` });
  if (answer.status === 200) return releaseOf(jsonOf(answer));
  if (answer.status !== 404) throw refusal(`the release of ${tag}`, answer);
  for (let page = 1; page <= RELEASE_PAGES; page++) {
    const listed = await client.call({ method: 'GET', url: `${url}?per_page=${PER_PAGE}&page=${page}` });
    const list = jsonOf(listed);
    if (listed.status !== 200 || !Array.isArray(list)) throw refusal('the list of releases', listed);
    const found = list.find((one) => (one as { tag_name?: unknown } | null)?.tag_name === tag) as unknown;
    if (found !== undefined) return releaseOf(found);
    if (list.length < PER_PAGE) return undefined;
  }
  return undefined;
}

/** The commit that a tag stands at; null where the tag is not there yet, as with a draft. @throws DeliveryError */
export async function commitOfTag(client: GithubClient, tag: string): Promise<string | null> {
  const answer = await client.call({
    method: 'GET',
    url: `${client.base}/commits/tags/${pathOf(tag)}`,
    accept: 'application/vnd.github.sha',
  });
  const sha = answer.body.toString('utf8').trim();
  if (answer.status === 200 && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(sha)) return sha;
  if (answer.status === 404 || answer.status === 422) return null;
  throw refusal(`the commit of ${tag}`, answer);
}

/** Every file of a release, half ones too. @throws DeliveryError */
export async function assetsOf(client: GithubClient, release: number): Promise<readonly Asset[]> {
  const all: Asset[] = [];
  for (let page = 1; page <= ASSET_PAGES; page++) {
    const url = `${client.base}/releases/${release}/assets?per_page=${ASSETS_PER_PAGE}&page=${page}`;
    const answer = await client.call({ method: 'GET', url });
    const list = jsonOf(answer);
    if (answer.status !== 200 || !Array.isArray(list)) throw refusal('the list of assets', answer);
    all.push(...list.flatMap((one) => assetOf(one) ?? []));
    if (list.length < ASSETS_PER_PAGE) break;
  }
  return all;
}

/** What an answer says of an asset; undefined where it says nothing of one. */
export function assetOf(value: unknown): Asset | undefined {
  const { id, name, state, size, digest } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (!Number.isSafeInteger(id) || typeof name !== 'string' || typeof state !== 'string') return undefined;
  return {
    id: id as number,
    name,
    state,
    bytes: Number(size),
    digest: typeof digest === 'string' ? digest.toLowerCase() : null,
  };
}

function releaseOf(value: unknown): Release {
  const { id, draft, immutable, upload_url: template } = value as Readonly<Record<string, unknown>>;
  const uploadUrl = typeof template === 'string' ? template.replace(/\{[^{}]*\}$/, '') : '';
  if (!Number.isSafeInteger(id) || !URL.canParse(uploadUrl) || /[?#{}]/.test(uploadUrl))
    throw new DeliveryError('the release answer of GitHub has no upload address');
  return { id: id as number, draft: draft === true, immutable: immutable === true, uploadUrl };
}

/** A tag may have slashes. */
function pathOf(tag: string): string {
  return tag.split('/').map(encodeURIComponent).join('/');
}
