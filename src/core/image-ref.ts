/** Parts of an image's address in the distribution's notation. */
export interface ImageRef {
  /** Registry's host and port; `docker.io` where none is named. */
  readonly registry: string;
  /** For example `library/debian`. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:<hex>`. */
  readonly digest?: string;
}

const HOST = /^(localhost|[A-Za-z0-9.-]+[.:][A-Za-z0-9.:-]*|\[[0-9a-fA-F:]+\](:\d+)?)$/;
const REPOSITORY = /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Reads an image's address; undefined where it is none. Docker Hub's short names get their `library/`. */
export function parseImageRef(text: string): ImageRef | undefined {
  const [named = '', digest] = text.split('@', 2);
  if (digest !== undefined && !DIGEST.test(digest)) return undefined;
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  const tag = tagged ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !TAG.test(tag)) return undefined;
  const path = tagged ? named.slice(0, colon) : named;
  const slash = path.indexOf('/');
  const first = slash < 0 ? '' : path.slice(0, slash);
  const hosted = HOST.test(first);
  const rest = hosted ? path.slice(slash + 1) : path;
  const registry = hosted ? first : 'docker.io';
  const repository = registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest;
  if (!REPOSITORY.test(repository)) return undefined;
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The address as an engine takes it. With a digest the tag says nothing and is left out. */
export function formatImageRef({ registry, repository, tag, digest }: ImageRef): string {
  const suffix = digest === undefined ? (tag === undefined ? '' : `:${tag}`) : `@${digest}`;
  return `${registry}/${repository}${suffix}`;
}

/** The same image through a mirror: its host stands for every registry's, the repository stays. */
export function throughMirror(ref: ImageRef, mirror: string | undefined): ImageRef {
  return mirror === undefined ? ref : { ...ref, registry: mirror };
}
