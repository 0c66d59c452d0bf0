import type { Delivery, Manifest, Notification } from '../manifest.gen.ts';
import type { ModelDelivery, ModelNotification } from '../model/delivery-model.ts';
import type { Reporter } from '../source/reporter.ts';

const DEFAULT_PREFIX = 'build/sast-reports';
const DEFAULT_REGION = 'us-east-1';
const SLACK_HOST = 'hooks.slack.com';
const GITHUB_API = 'https://api.github.com';

/** Where a manifest sends its bundles, and what that lacks: SP6040, SP6041. */
export function deliveriesOf(delivery: Delivery | undefined, out: Reporter): readonly ModelDelivery[] {
  const { s3 = [], github, opensearch } = delivery ?? {};
  return [
    ...s3.map((one, index) => bucketOf(one, index, out)),
    ...(github === undefined ? [] : githubOf(github, out)),
    ...(opensearch === undefined ? [] : [indexOf(opensearch, out)]),
  ];
}

function lacks(out: Reporter, pointer: string, what: string, help: string): void {
  out.report('SP6040', pointer, what, { help });
}

function bucketOf(one: NonNullable<Delivery['s3']>[number], index: number, out: Reporter): ModelDelivery {
  const pointer = `/delivery/s3/${index}`;
  const { accessKey, secretKey, endpoint, sessionToken } = one;
  if (accessKey === undefined || secretKey === undefined) {
    const help =
      'Name secrets in accessKey and secretKey. secplan does not search the environment for credentials.';
    lacks(out, pointer, 'the upload has no credentials', help);
  }
  checkAddress(`${pointer}/endpoint`, endpoint, one.allowPrivate, out);
  return {
    id: `deliver:s3-${index + 1}`,
    ...common(one, pointer),
    includePrivacy: one.includePrivacy ?? false,
    to: {
      type: 's3',
      bucket: one.bucket,
      prefix: (one.prefix ?? DEFAULT_PREFIX).replace(/^\/+|\/+$/g, ''),
      region: one.region ?? DEFAULT_REGION,
      endpoint: endpoint?.replace(/\/+$/, '') ?? null,
      accessKey: accessKey ?? '',
      secretKey: secretKey ?? '',
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
  };
}

/** Two receivers: what one refuses does not hold up the other. */
function githubOf(github: NonNullable<Delivery['github']>, out: Reporter): ModelDelivery[] {
  const pointer = '/delivery/github';
  const { codeScanning = false, releaseAssets = false, token, apiUrl } = github;
  if (token === undefined) lacks(out, pointer, 'the upload has no token', 'Name a secret in token.');
  if (!codeScanning && !releaseAssets)
    lacks(out, pointer, 'nothing to deliver', 'Set codeScanning, releaseAssets or both to true.');
  checkAddress(`${pointer}/apiUrl`, apiUrl, github.allowPrivate, out);
  const shared = { ...common(github, pointer), includePrivacy: github.includePrivacy ?? false };
  const to = {
    repository: github.repository ?? null,
    apiUrl: (apiUrl ?? GITHUB_API).replace(/\/+$/, ''),
    token: token ?? '',
  };
  const all: ModelDelivery[] = [];
  if (codeScanning) all.push({ id: 'deliver:github', ...shared, to: { type: 'github', ...to } });
  if (releaseAssets)
    all.push({ id: 'deliver:github-release', ...shared, to: { type: 'github-release', ...to } });
  return all;
}

function indexOf(opensearch: NonNullable<Delivery['opensearch']>, out: Reporter): ModelDelivery {
  const pointer = '/delivery/opensearch';
  const { url, index, username, password, token } = opensearch;
  checkAddress(`${pointer}/url`, url, opensearch.allowPrivate, out);
  if ((username === undefined) !== (password === undefined))
    lacks(
      out,
      pointer,
      'a user name needs a password and a password needs a user name',
      'Set both, or neither.',
    );
  if (token !== undefined && username !== undefined)
    lacks(out, pointer, 'a token and a user cannot be used together', 'Set only one of them.');
  // OpenSearch's own rule for names of an index.
  if (/[A-Z\s,:"*+/\\|?#><]|^[-_+.]/.test(index)) {
    const help = 'Lower case, without spaces and , : " * + / \\ | ? # > <.';
    lacks(out, `${pointer}/index`, 'not a valid index name', help);
  }
  return {
    id: 'deliver:opensearch',
    ...common(opensearch, pointer),
    includePrivacy: opensearch.includePrivacy ?? false,
    to: {
      type: 'opensearch',
      url: url.replace(/\/+$/, ''),
      index,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(token === undefined ? {} : { token }),
    },
  };
}

/** Whom a manifest tells how a run ended: SP6041. */
export function notificationsOf(notify: Manifest['notify'], out: Reporter): readonly ModelNotification[] {
  return (notify ?? []).map((one: Notification, index) => {
    const pointer = `/notify/${index}`;
    const template = one.template === undefined ? {} : { template: one.template };
    const shared = { ...common(one, pointer), on: one.on ?? 'always' } as const;
    if (one.slack !== undefined) {
      const to = { type: 'slack', url: one.slack, host: one.host ?? SLACK_HOST, ...template } as const;
      return { id: `notify:slack-${index + 1}`, ...shared, to };
    }
    const url = one.webhook ?? '';
    checkAddress(`${pointer}/webhook`, url, one.allowPrivate, out);
    const secret = one.secret === undefined ? {} : { secret: one.secret };
    return {
      id: `notify:webhook-${index + 1}`,
      ...shared,
      to: { type: 'webhook', url, ...secret, ...template },
    };
  });
}

function common(
  one: { readonly optional?: boolean; readonly allowPrivate?: boolean },
  pointer: string,
): Pick<ModelDelivery, 'optional' | 'allowPrivate' | 'pointer'> {
  return { optional: one.optional ?? false, allowPrivate: one.allowPrivate ?? false, pointer };
}

function checkAddress(
  pointer: string,
  url: string | undefined,
  allowPrivate: boolean | undefined,
  out: Reporter,
) {
  if (url === undefined) return;
  if (!URL.canParse(url)) {
    out.report('SP2005', pointer, 'it is not a valid address', { value: url });
    return;
  }
  const { protocol, username, password } = new URL(url);
  if (username !== '' || password !== '')
    out.report('SP6040', pointer, 'an address must not contain a user or password', {
      help: 'Name secrets in the fields for credentials.',
    });
  if (protocol === 'http:' && !allowPrivate)
    out.report('SP6041', pointer, 'it uses plain http', {
      value: url,
      help: 'Use https, or set allowPrivate: true for a private network.',
    });
}
