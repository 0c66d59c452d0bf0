import type { ReportVariant } from '../contract/report.ts';
import { jsonVariant } from '../formats/variants.ts';
import { cyclonedx, spdx, syft } from './output.ts';

function packages(count: number) {
  return { findings: [], notes: [{ message: `${count} ${count === 1 ? 'package' : 'packages'}` }] };
}

/** An SBOM has no findings: each of Syft's own forms is told by what it counts. */
export const variants: readonly ReportVariant[] = [
  jsonVariant('Syft JSON', syft, ({ artifacts }) => packages(artifacts.length)),
  jsonVariant('CycloneDX', cyclonedx, ({ components }) =>
    packages((components ?? []).filter(({ type }) => type !== 'file').length),
  ),
  jsonVariant('SPDX', spdx, (document) => packages(document.packages?.length ?? 0)),
];
