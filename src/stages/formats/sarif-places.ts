import type { Span } from '../../core/finding.ts';
import { locationOf } from './location.ts';
import type { SarifArtifact, SarifPlace, SarifResult, SarifRun } from './sarif-schema.ts';

type Relative = (path: string, as?: { readonly written: readonly string[] }) => string | undefined;

/** Every place of a result, in the report's order and none twice; what it was looking at where it names no place (3.27.13). */
export function placesOf(run: SarifRun, result: SarifResult, relative: Relative): readonly Span[] {
  const named = (result.locations ?? []).flatMap((place) => spanOf(run, place, relative) ?? []);
  const target = named.length > 0 ? undefined : pathOf(run, result.analysisTarget, relative);
  const spans = target === undefined ? named : [{ path: target }];
  return [...new Map(spans.map((span) => [JSON.stringify(span), span])).values()];
}

/** A place as a file of the workspace; undefined where it is none (a function's name, an address, a file outside). */
function spanOf(run: SarifRun, { physicalLocation }: SarifPlace, relative: Relative): Span | undefined {
  const path = pathOf(run, physicalLocation?.artifactLocation, relative);
  return locationOf(path, physicalLocation?.region ?? {}).span;
}

/** Path of an artifact (3.4), decoded from its URI once and once only: `100%2525.py` is the file `100%25.py`. */
export function pathOf(
  run: SarifRun,
  location: SarifArtifact | null | undefined,
  relative: Relative,
): string | undefined {
  const uri = artifactUri(run, location);
  if (uri === undefined) return undefined;
  // Some tools write names as they are: `saf%65.py` is a file of that name where there is one, and not safe.py.
  const as = { written: location?.uri ? [location.uri, uri] : [uri] };
  if (/^file:/i.test(uri)) return relative(uri.replace(/^file:/i, 'file:'), as);
  const decoded = /^[a-z][a-z0-9+.-]*:\/\//i.test(uri) ? uri : decode(uri);
  // `file%3Ax` is a file of that name and no address.
  const path = decoded !== uri && /^[a-z][a-z0-9+.-]*:/i.test(decoded) ? `./${decoded}` : decoded;
  return relative(path, as);
}

/** Its URI, or that of the artifact which its index names (3.4.5), below its base and the bases of that (3.14.14). Not decoded. */
export function artifactUri(run: SarifRun, location: SarifArtifact | null | undefined): string | undefined {
  const index = location?.index ?? -1;
  const at = location?.uri ? location : index >= 0 ? run.artifacts?.[index]?.location : undefined;
  if (!at?.uri) return undefined;
  let uri = slashed(at.uri);
  const seen = new Set<string>();
  for (let next = at.uriBaseId; next && !seen.has(next) && !isWhole(uri); ) {
    seen.add(next);
    const bases = run.originalUriBaseIds;
    const base: SarifArtifact | undefined = bases && Object.hasOwn(bases, next) ? bases[next] : undefined;
    if (base?.uri) uri = `${slashed(base.uri).replace(/\/+$/, '')}/${uri}`;
    next = base?.uriBaseId;
  }
  return uri;
}

function isWhole(uri: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(uri);
}

/** No URI holds a backslash: it is a path of Windows, as tools there write it. */
function slashed(uri: string): string {
  return uri.replaceAll('\\', '/').replace(/^(?=[A-Za-z]:\/(?!\/))/, '/');
}

function decode(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
