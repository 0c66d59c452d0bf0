import { byCodeUnit } from '../../../../core/canonical.ts';
import type { NetworkReport } from './network-types.ts';

export interface NetworkRecord {
  reached(to: string): void;
  failed(to: string, why: string, exact: boolean): void;
  refused(to: string): void;
  /** What was noted since the last call. */
  take(): NetworkReport;
}

/** Other places than these are not kept: a tool can try any number of them. */
const MOST = 200;

/** Notes what was tried in a network. */
export function createNetworkRecord(): NetworkRecord {
  const reached = new Set<string>();
  const failed = new Map<string, { readonly why: string; readonly exact: boolean }>();
  const refused = new Set<string>();
  return {
    reached(to) {
      reached.add(to);
    },
    failed(to, why, exact) {
      if (failed.size < MOST || failed.has(to)) failed.set(to, { why, exact });
    },
    refused(to) {
      if (refused.size < MOST) refused.add(shown(to));
    },
    take() {
      const report = {
        reached: [...reached].sort(byCodeUnit),
        failed: [...failed]
          .filter(([to]) => !reached.has(to))
          .map(([to, rest]) => ({ to, ...rest }))
          .sort((one, other) => byCodeUnit(one.to, other.to)),
        refused: [...refused].sort(byCodeUnit),
      };
      for (const each of [reached, failed, refused]) each.clear();
      return report;
    },
  };
}

/** What a tool asked for may be anything at all. */
function shown(name: string): string {
  return name.replace(/[^A-Za-z0-9._:-]/g, '?').slice(0, 253);
}
