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
 * fails the whole upload; the fingerprint has the name that GitHub reads. `cut` says that places were left out.
 */
export function fitResult(result: Result): { readonly result: Result; readonly cut: boolean } {
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

/** With a line, which GitHub wants; undefined for a place that is no file. */
function placedLocation(location: Location): Location | undefined {
  const { physicalLocation } = location;
  const uri = physicalLocation?.artifactLocation?.uri;
  if (!uri || /^[a-z][a-z0-9+.-]*:/i.test(uri)) return undefined;
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
