import { isRecord } from '../../core/is-record.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Texts that each kind of receiver must have. */
const NEEDED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  deliver: {
    s3: ['bucket', 'prefix', 'region', 'accessKey', 'secretKey'],
    github: ['apiUrl', 'token'],
    'github-release': ['apiUrl', 'token'],
    opensearch: ['url', 'index'],
  },
  notify: { slack: ['url', 'host'], webhook: ['url'] },
};
const ADDRESSES = ['endpoint', 'apiUrl'];

/** What is wrong with a stage that hands a bundle on, in words. */
export function wrongReceiver(stage: Fields): string | undefined {
  const { kind, id, to, secrets, network } = stage;
  if (typeof id !== 'string' || !id.startsWith(`${String(kind)}:`))
    return `the id of a ${String(kind)} stage must start with its kind`;
  if (!isRecord(to)) return 'it names no receiver';
  const needed = NEEDED[String(kind)]?.[String(to.type)];
  if (needed === undefined) return 'its receiver has an unknown kind';
  const lacking = needed.find((name) => typeof to[name] !== 'string');
  if (lacking !== undefined) return `to.${lacking} is not a string`;
  const { type } = to;
  const urls = [...ADDRESSES, ...(type === 'opensearch' || type === 'webhook' ? ['url'] : [])];
  for (const name of urls) {
    const url = to[name] ?? null;
    if (url !== null && (typeof url !== 'string' || !URL.canParse(url)))
      return `to.${name} is not an address`;
  }
  if (!isTexts(secrets)) return 'secrets is not a list of names';
  if (!isRecord(network) || !isTexts(network.egress)) return 'network does not name its hosts';
  const flags = ['optional', 'allowPrivate', ...(kind === 'deliver' ? ['includePrivacy'] : [])];
  return flags.every((name) => typeof stage[name] === 'boolean')
    ? undefined
    : `${flags.join(', ')} must be true or false`;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
