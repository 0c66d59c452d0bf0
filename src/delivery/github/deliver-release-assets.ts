import type { GithubReleaseSpec } from '../../compiler/model/delivery-model.ts';
import type { BundleFile } from '../shared/bundle-files.ts';
import { DeliveryError } from '../shared/delivery-error.ts';
import type { DeliveryContext } from '../shared/delivery-types.ts';
import type { Delivered } from '../shared/receiver-report.ts';
import {
  type GithubCall,
  type GithubClient,
  githubClient,
  jsonOf,
  refusal,
  webUrl,
} from './github-client.ts';
import { type Asset, assetOf, assetsOf, commitOfTag, findRelease, type Release } from './release.ts';
import { type ReleaseFile, releaseFiles } from './release-files.ts';

/** GitHub keeps this many files of a release. */
const MOST_ASSETS = 1_000;

/** Why there is no release that the bundle belongs to, in words; undefined where there is one. */
export function noRelease({ git }: Pick<DeliveryContext, 'git'>): string | undefined {
  if (git.tags.length === 1) return undefined;
  if (git.tags.length > 1)
    return `several tags point to the commit (${git.tags.slice(0, 5).join(', ')}): name one with \`secplan deliver --tag\``;
  return `the run is ${git.ref === null ? 'not of a known tag' : `of ${git.ref}, not of a tag`}; \`secplan deliver --tag NAME\` adds it to a release`;
}

/**
 * Adds a bundle to the release of the tag that is built. Nothing is replaced: a file that is there with the same digest
 * is as good as uploaded, one of another content is an error, half a file is removed and sent again. The release is
 * never made or published here.
 */
export async function deliverReleaseAssets(
  spec: GithubReleaseSpec,
  files: readonly BundleFile[],
  context: DeliveryContext,
): Promise<Delivered> {
  const client = githubClient(spec, context);
  const { git, bundle, bundleId } = context;
  const [tag = ''] = git.tags;
  if (git.sha === null) throw new DeliveryError('the commit that was scanned is not known');
  const release = await findRelease(client, tag);
  if (release === undefined)
    throw new DeliveryError(
      `${client.repository} has no release for ${tag}: create one (a draft is enough) and deliver again`,
    );
  const stands = await commitOfTag(client, tag);
  if (stands !== null && stands !== git.sha)
    throw new DeliveryError(
      `the bundle is of ${git.sha.slice(0, 12)}, but ${tag} points to ${stands.slice(0, 12)}`,
    );
  const before = await assetsOf(client, release.id);
  let [uploaded, there, untold] = [0, 0, 0];
  for await (const file of releaseFiles(bundle.dir, bundleId, files)) {
    const known = before.find(({ name, state }) => name === file.name && state === 'uploaded');
    const asset = known ?? (await upload(client, release, file, before.length + uploaded));
    if (!isSame(asset, file))
      throw new DeliveryError(`${file.name}: the release has another file of this name; it was not replaced`);
    if (asset.digest === null) untold += 1;
    if (known === undefined) uploaded += 1;
    else there += 1;
    const detail = known === undefined ? {} : { detail: 'was there' };
    context.log({ event: 'sent', item: file.name, sha256: file.sha256, ...detail });
  }
  const page = `${webUrl(spec.apiUrl, client.repository)}/releases`;
  return {
    detail: `${uploaded} files to the ${release.draft ? 'draft of the ' : ''}release ${tag} of ${client.repository}${there === 0 ? '' : `, ${there} already existed`}`,
    links: [
      {
        name: `release ${tag} of ${client.repository}`,
        url: release.draft ? page : `${page}/tag/${tag.split('/').map(encodeURIComponent).join('/')}`,
      },
    ],
    limits: [
      ...(untold === 0
        ? []
        : [`GitHub gives no digest for ${untold} files: secplan compared only their size`]),
      ...(stands === null
        ? [
            `the tag ${tag} does not exist yet: secplan could not check that it will point to the scanned commit`,
          ]
        : []),
    ],
  };
}

/** Sends one file. What an attempt left of it is looked at before the next one. */
async function upload(
  client: GithubClient,
  release: Release,
  file: ReleaseFile,
  held: number,
): Promise<Asset> {
  if (release.immutable)
    throw new DeliveryError('the release is immutable: upload files while it is still a draft');
  if (held >= MOST_ASSETS)
    throw new DeliveryError(`the release has ${held} files, the most that GitHub allows`);
  const post: GithubCall = {
    method: 'POST',
    url: `${release.uploadUrl}?name=${encodeURIComponent(file.name)}`,
    body: { type: 'application/octet-stream', bytes: file.bytes },
  };
  const next = async (): Promise<GithubCall> => {
    const found = (await assetsOf(client, release.id)).find(({ name }) => name === file.name);
    if (found === undefined) return post;
    const url = `${client.base}/releases/assets/${found.id}`;
    // It arrived, and the answer did not; or somebody else was faster.
    if (found.state === 'uploaded') return { method: 'GET', url };
    const removed = await client.call({ method: 'DELETE', url });
    if (removed.status !== 204 && removed.status !== 404)
      throw refusal(`a partial upload of ${file.name} cannot be removed`, removed);
    return post;
  };
  let answer = await client.call(next);
  // Taken between the look and the request.
  if (answer.status === 422) answer = await client.call(next);
  const asset = assetOf(jsonOf(answer));
  if ((answer.status !== 201 && answer.status !== 200) || asset === undefined)
    throw refusal(file.name, answer);
  if (asset.name !== file.name)
    throw new DeliveryError(`${file.name}: GitHub stored it as ${asset.name.slice(0, 100)}`);
  if (asset.state !== 'uploaded')
    throw new DeliveryError(`${file.name}: GitHub has only part of it (${asset.state.slice(0, 20)})`);
  return asset;
}

function isSame({ bytes, digest }: Asset, file: ReleaseFile): boolean {
  if (bytes !== file.bytes.length) return false;
  return digest === null || digest === `sha256:${file.sha256}`;
}
