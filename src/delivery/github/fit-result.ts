/** A result as far as GitHub's rules for it are concerned (SARIF 2.1.0, section 3.27). */
export interface Result {
  readonly ruleId?: string;
  readonly locations?: readonly Location[];
  readonly codeFlows?: readonly { readonly threadFlows: readonly ThreadFlow[] }[];
  readonly partialFingerprints?: Readonly<Record<string, string>>;
  readonly properties?: { readonly target?: unknown; readonly category?: unknown };
}
interface Location {
  readonly physicalLocation?: {
    readonly artifactLocation?: { readonly uri?: string };
    readonly region?: object;
  };
}
interface ThreadFlow {
  readonly locations: readonly unknown[];
}

/** Of one result; GitHub refuses the whole upload for one that has more. It shows 100 and 1,000 of them. */
const MOST_LOCATIONS = 1_000;
const MOST_FLOW_LOCATIONS = 10_000;

/**
 * A result that GitHub takes: one without a file is placed at the name of its target, since a single one without a place
 * fails the whole upload; the fingerprint has the name that GitHub reads. Files are named from the repository's root, in which
 * the workspace is `prefix`. `cut` says that places were left out.
 */
export function fitResult(given: Result, prefix = ''): { readonly result: Result; readonly cut: boolean } {
  const result = prefix === '' ? given : below(given, prefix.split('/').map(encodeURIComponent).join('/'));
  const { locations = [], codeFlows, partialFingerprints, properties } = result;
  const placed = locations.flatMap((one) => placedLocation(one) ?? []);
  const flows = codeFlows === undefined ? undefined : fitFlows(codeFlows);
  const own = partialFingerprints?.['secplan/v1'];
  return {
    result: {
      ...result,
      locations: placed.length === 0 ? [placeOf(properties?.target)] : placed.slice(0, MOST_LOCATIONS),
      ...(flows === undefined ? {} : { codeFlows: flows.codeFlows }),
      ...(own === undefined
        ? {}
        : { partialFingerprints: { primaryLocationLineHash: `${own}:1`, ...partialFingerprints } }),
    },
    cut: placed.length > MOST_LOCATIONS || flows?.cut === true,
  };
}

/** Every `artifactLocation` of a file, also in code flows and related locations (SARIF 2.1.0, section 3.4). */
function below<T>(value: T, prefix: string): T {
  if (Array.isArray(value)) return value.map((item) => below(item, prefix)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === 'artifactLocation' ? locatedBelow(member, prefix) : below(member, prefix),
    ]),
  ) as T;
}

function locatedBelow(location: { readonly uri?: unknown }, prefix: string): object {
  const { uri } = location;
  return typeof uri === 'string' && uri !== '' && !SCHEME.test(uri)
    ? { ...location, uri: prefix + uri }
    : location;
}

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** With a line, which GitHub wants; undefined for a place that is no file. */
function placedLocation(location: Location): Location | undefined {
  const { physicalLocation } = location;
  const uri = physicalLocation?.artifactLocation?.uri;
  if (!uri || SCHEME.test(uri)) return undefined;
  return {
    ...location,
    physicalLocation: { ...physicalLocation, region: physicalLocation.region ?? { startLine: 1 } },
  };
}

function placeOf(target: unknown): Location {
  const name = typeof target === 'string' && target !== '' ? target : 'source';
  const uri = name.split('/').filter(Boolean).map(encodeURIComponent).join('/');
  return { physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } } };
}

function fitFlows(flows: NonNullable<Result['codeFlows']>) {
  let left = MOST_FLOW_LOCATIONS;
  let cut = false;
  const codeFlows = flows.flatMap((flow) => {
    const threadFlows = flow.threadFlows.flatMap((thread) => {
      const locations = thread.locations.slice(0, left);
      cut ||= locations.length < thread.locations.length;
      left -= locations.length;
      return locations.length === 0 ? [] : [{ ...thread, locations }];
    });
    return threadFlows.length === 0 ? [] : [{ ...flow, threadFlows }];
  });
  return { codeFlows, cut };
}
