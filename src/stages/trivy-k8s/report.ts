import { isRecord } from '../../core/is-record.ts';
import type { StageReport } from '../contract/report.ts';
import { contextOf } from '../families/kubernetes/kubeconfig.ts';
import { readTrivy, sanitizeTrivy } from '../families/trivy/trivy-report.ts';
import { trivyVariants } from '../families/trivy/trivy-variants.ts';

import { jsonVariant } from '../formats/variants.ts';
import { cluster, clusterFindings, readCluster, sanitizeCluster } from './cluster.ts';
import { operatorVariants } from './operator.ts';
import type { Options } from './stage.ts';

export const report: StageReport<Options> = {
  variants: [
    jsonVariant('JSON of trivy k8s', cluster, (report, context) => ({
      findings: clusterFindings(report, context),
    })),
    ...operatorVariants,
    ...trivyVariants,
  ],
  parse: (raw, context) =>
    contextOf(context.target) === undefined
      ? readTrivy(raw.report, context, { scanners: ['misconfig'] })
      : readCluster(raw.report, context),
  sanitize: (_, text) => (isCluster(text) ? sanitizeCluster(text) : sanitizeTrivy(text)),
};

/** The two commands write reports of two shapes. */
function isCluster(text: string): boolean {
  try {
    const json: unknown = JSON.parse(text);
    return isRecord(json) && 'Resources' in json;
  } catch {
    return false;
  }
}
