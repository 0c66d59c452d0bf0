import { type Digest, isDigest } from '../../core/ids.ts';

/** First member of a bundle of tools: what it holds, each below `files/<tool>/<provider>/`. */
export interface BundleIndex {
  readonly schema: typeof BUNDLE_SCHEMA;
  readonly tools: readonly BundledTool[];
}

export interface BundledTool {
  readonly tool: string;
  readonly provider: string;
  readonly version: string;
  /** The lock's digest: what was pinned when it was fetched. It proves nothing; the hashes in the lock do. */
  readonly digest: Digest;
}

export const BUNDLE_SCHEMA = 'https://secplan.dev/schema/tools-bundle/v1';
export const BUNDLE_INDEX = 'bundle.json';
const MAX_TOOLS = 1000;

/** Reads an index out of a bundle that may come from anywhere; undefined when it is none. */
export function parseIndex(text: string): BundleIndex | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const index = value as Partial<BundleIndex> | null;
  if (index?.schema !== BUNDLE_SCHEMA || !Array.isArray(index.tools) || index.tools.length > MAX_TOOLS) {
    return undefined;
  }
  return index.tools.every(isBundledTool) ? (index as BundleIndex) : undefined;
}

function isBundledTool(value: unknown): value is BundledTool {
  const item = value as Partial<BundledTool> | null;
  const named = [item?.tool, item?.provider].every(
    (name) => typeof name === 'string' && /^[a-z0-9][a-z0-9-]{0,63}$/.test(name),
  );
  return (
    named && typeof item?.version === 'string' && typeof item.digest === 'string' && isDigest(item.digest)
  );
}
