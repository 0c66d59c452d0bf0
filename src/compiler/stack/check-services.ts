import type { ModelService } from '../model/model.ts';
import { alternatives, type Reporter } from '../source/reporter.ts';

/** A service with the reporter of the file that it stands in. */
export interface WrittenService {
  readonly service: ModelService;
  readonly out: Reporter;
  /** Where its dependencies stand: an entry's index, or its name in a mapping. */
  readonly dependencyPointer: (name: string) => string;
}

/**
 * Reports dependencies on services that are not there (SP2040) and those that come back to themselves (SP2041).
 * @param broken names of services that were reported already: they are there, though not usable
 */
export function checkServices(written: readonly WrittenService[], broken: readonly string[]): void {
  const byName = new Map(written.map((one) => [one.service.name, one]));
  for (const { service, out, dependencyPointer } of written) {
    for (const name of service.dependsOn) {
      if (byName.has(name) || broken.includes(name)) continue;
      out.report('SP2040', dependencyPointer(name), `${service.name} depends on an unknown service`, {
        ...alternatives(name, byName.keys()),
      });
    }
  }
  const settled = new Set<string>();
  for (const { service } of written) {
    const cycle = cycleFrom(service.name, byName, settled);
    const last = cycle === undefined ? undefined : byName.get(cycle.at(-2) ?? '');
    if (cycle === undefined || last === undefined) continue;
    const summary = `services depend on each other: ${cycle.join(' -> ')}`;
    last.out.report('SP2041', last.dependencyPointer(cycle.at(-1) ?? ''), summary, {
      help: 'Remove one of these `dependsOn`.',
    });
  }
}

/** Walks depth first without recursion; a cycle is `[a, b, a]`. What has been walked is settled and not told twice. */
function cycleFrom(
  start: string,
  byName: ReadonlyMap<string, WrittenService>,
  settled: Set<string>,
): string[] | undefined {
  const path: string[] = [];
  const left: string[][] = [[start]];
  while (left.length > 0) {
    const next = left.at(-1)?.pop();
    if (next === undefined) {
      left.pop();
      const done = path.pop();
      if (done !== undefined) settled.add(done);
      continue;
    }
    if (path.includes(next)) {
      for (const name of path) settled.add(name);
      return [...path.slice(path.indexOf(next)), next];
    }
    if (settled.has(next) || !byName.has(next)) continue;
    path.push(next);
    left.push([...(byName.get(next)?.service.dependsOn ?? [])].reverse());
  }
  return undefined;
}
