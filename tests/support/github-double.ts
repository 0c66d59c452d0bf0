import { createHash } from 'node:crypto';
import type { Received, Reply } from './delivery-rig.ts';
import { checkRequest } from './github-description.ts';

export interface DoubleAsset {
  id: number;
  name: string;
  state: 'uploaded' | 'starter';
  body: Buffer;
  digest: string | null;
}

export interface DoubleRelease {
  readonly id: number;
  readonly tag: string;
  readonly draft?: boolean;
  readonly immutable?: boolean;
}

export interface GithubDoubleOptions {
  readonly token: string;
  /** Where files go: behind a path of the same host, as enterprise servers have it. */
  readonly uploads: () => string;
  readonly releases?: readonly DoubleRelease[];
  /** Commit of each tag. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Whether it tells digests, as GitHub does since 2025. */
  readonly digests?: boolean;
  /** Analyses of code scanning that are there. */
  readonly analyses?: readonly object[];
}

const UPLOADS = '/api/uploads';

/**
 * GitHub as far as a delivery talks to it. Every request is held against GitHub's published description; what does not
 * fit it stands in `wrong` and is refused, as is a request without the token.
 */
export function githubDouble(options: GithubDoubleOptions) {
  const { releases = [], tags = {}, digests = true, analyses = [] } = options;
  const assets: DoubleAsset[] = [];
  const wrong: string[] = [];
  const sarifs: { readonly category: string; readonly body: Record<string, string> }[] = [];
  let [next, writes] = [100, 0];

  const releaseJson = ({ id, tag, draft = false, immutable = false }: DoubleRelease) => ({
    id,
    tag_name: tag,
    draft,
    immutable,
    upload_url: `${options.uploads()}${UPLOADS}/repos/o/r/releases/${id}/assets{?name,label}`,
    html_url: 'https://github.com/o/r/releases/x',
    assets: [],
  });
  const assetJson = ({ id, name, state, body, digest }: DoubleAsset) => ({
    id,
    name,
    state,
    size: body.length,
    digest: digests ? digest : null,
    content_type: 'application/octet-stream',
    url: 'https://api.github.com/x',
    browser_download_url: 'https://github.com/x',
  });
  const json = (status: number, value: unknown): Reply => ({ status, body: JSON.stringify(value) });
  const missing = json(404, { message: 'Not Found' });
  const paged = <T>(list: readonly T[], { per_page = '30', page = '1' }: Readonly<Record<string, string>>) =>
    list.slice((Number(page) - 1) * Number(per_page), Number(page) * Number(per_page));

  /** Stores a file; half of one where `state` says so. */
  function store(name: string, body: Buffer, state: DoubleAsset['state'] = 'uploaded'): DoubleAsset {
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    const asset = { id: next++, name, state, body, digest: state === 'uploaded' ? digest : null };
    assets.push(asset);
    return asset;
  }

  function answer(received: Received): Reply {
    const upload = received.url.startsWith(`${UPLOADS}/`);
    const request = { ...received, url: upload ? received.url.slice(UPLOADS.length) : received.url };
    const { operation, parameters, wrong: found } = checkRequest(request, upload);
    wrong.push(...found.map((what) => `${received.method} ${received.url}: ${what}`));
    if (found.length > 0) return json(400, { message: found.join('; ') });
    if (received.headers.authorization !== `Bearer ${options.token}`)
      return json(401, { message: 'Bad credentials' });
    if (`${parameters.owner}/${parameters.repo}` !== 'o/r') return missing;
    switch (operation) {
      case 'repos/get-release-by-tag': {
        const release = releases.find(({ tag, draft }) => tag === parameters.tag && !draft);
        return release === undefined ? missing : json(200, releaseJson(release));
      }
      case 'repos/list-releases':
        return json(200, paged(releases, parameters).map(releaseJson));
      case 'repos/get-commit': {
        const sha = tags[(parameters.ref ?? '').replace(/^tags\//, '')];
        return sha === undefined ? json(422, { message: 'No commit found' }) : { status: 200, body: sha };
      }
      case 'repos/list-release-assets':
        return json(200, paged(assets, parameters).map(assetJson));
      case 'repos/get-release-asset': {
        const asset = assets.find(({ id }) => String(id) === parameters.asset_id);
        return asset === undefined ? missing : json(200, assetJson(asset));
      }
      case 'repos/delete-release-asset': {
        const index = assets.findIndex(({ id }) => String(id) === parameters.asset_id);
        if (index < 0) return missing;
        assets.splice(index, 1);
        return { status: 204 };
      }
      case 'repos/upload-release-asset': {
        // GitHub changes names that hold anything else.
        const name = (parameters.name ?? '').replace(/[^A-Za-z0-9._-]+/g, '.').replace(/^\.+|\.+$/g, '');
        if (assets.some((asset) => asset.name === name))
          return json(422, { message: 'Validation Failed', errors: [{ code: 'already_exists' }] });
        writes += 1;
        return json(201, assetJson(store(name, received.body)));
      }
      case 'code-scanning/upload-sarif': {
        const body = JSON.parse(received.body.toString());
        sarifs.push({ category: `s-${sarifs.length}`, body });
        return json(202, { id: `s-${sarifs.length - 1}`, url: 'https://api.github.com/x' });
      }
      case 'code-scanning/get-sarif':
        return json(200, { processing_status: 'complete', analyses_url: null, errors: null });
      case 'code-scanning/list-recent-analyses':
        return analyses.length === 0
          ? json(404, { message: 'no analysis found' })
          : json(200, paged(analyses, parameters));
      default:
        wrong.push(`${operation} is not one that a delivery needs`);
        return missing;
    }
  }
  return { answer, assets, store, wrong, sarifs, writes: () => writes };
}
