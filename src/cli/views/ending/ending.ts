import type { FinishedScan } from '../../../app/contract/scan-types.ts';
import type { Severity } from '../../../core/severity.ts';
import type { Paint } from '../../shared/paint.ts';

/** `quiet`: only the verdict; `normal`: at most 25 lines above it; `verbose`: all lists whole. */
export type Detail = 'quiet' | 'normal' | 'verbose';

/** What is shown: of a run, or of a bundle that is gated again, which has no results. */
export type EndedScan = Pick<FinishedScan, 'verdict' | 'findings' | 'bundleDir' | 'results' | 'summary'> &
  Partial<Pick<FinishedScan, 'signature' | 'delivery'>>;

/** How the end of a run is printed. */
export interface Ending {
  /** Absolute; the bundle is named relative to it. */
  readonly cwd: string;
  readonly paint: Paint;
  /** Columns; unlimited in a pipe. */
  readonly width: number;
  readonly detail: Detail;
  /** The lowest severity that is listed; it changes no count and no verdict. */
  readonly lowest?: Severity;
}

/** A pipe has no width: lines are laid out as in a wide terminal. */
const WIDEST = 110;

/** Below this many columns rows take two lines or leave out what is less important. */
export const NARROW = 60;

/** Columns to lay out for. */
export function layoutWidth({ width }: Pick<Ending, 'width'>): number {
  return Math.min(width, WIDEST);
}

export const SEVERITY_STYLE = {
  critical: 'red',
  high: 'red',
  medium: 'yellow',
  low: 'blue',
  info: 'gray',
} as const;
