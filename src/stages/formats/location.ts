import type { Span } from '../../core/finding.ts';

/** Lines and columns as a report has them, counted from 1: a tool that does not know one writes null, 0 or nothing. */
export interface Region {
  readonly startLine?: number | null | undefined;
  readonly startColumn?: number | null | undefined;
  readonly endLine?: number | null | undefined;
  readonly endColumn?: number | null | undefined;
}

/**
 * Where a finding is, as its member `span`: nothing without a path, only the path without a line. An end before the
 * start is dropped, and so is an end line that only repeats the start.
 */
export function locationOf(path: string | undefined, region: Region = {}): { readonly span?: Span } {
  if (path === undefined) return {};
  const startLine = counted(region.startLine);
  if (startLine === undefined) return { span: { path } };
  const startColumn = counted(region.startColumn);
  const start = { path, startLine, ...(startColumn === undefined ? {} : { startColumn }) };
  return { span: { ...start, ...endOf(region, startLine, startColumn ?? 1) } };
}

function endOf(region: Region, startLine: number, startColumn: number): Pick<Span, 'endLine' | 'endColumn'> {
  const endLine = counted(region.endLine);
  const endColumn = counted(region.endColumn);
  const last = endLine ?? startLine;
  if (last < startLine || (last === startLine && (endColumn ?? 0) < startColumn)) return {};
  return { ...(endLine === undefined ? {} : { endLine }), ...(endColumn === undefined ? {} : { endColumn }) };
}

function counted(value: number | null | undefined): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
}
