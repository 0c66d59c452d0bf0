import type { DescribedBundle } from './describe-bundle.ts';
import type { GoldenFile } from './golden-file.ts';
import { type Difference, structuralDiff } from './structural-diff.ts';

export interface GoldenChange {
  readonly path: string;
  readonly kind: 'missing' | 'extra' | 'invalid' | 'changed';
  readonly detail: string;
  /** For changed JSON files whose golden is kept whole. */
  readonly differences: readonly Difference[];
}

export interface GoldenReport {
  readonly schema: 'https://secplan.dev/schema/golden-report/v1';
  readonly name: string;
  readonly equal: boolean;
  readonly changes: readonly GoldenChange[];
  /** Stages whose tool has another version than the golden's: the likely cause of a change. */
  readonly tools: readonly { readonly stage: string; readonly before: string; readonly after: string }[];
}

/** Holds a bundle against its golden. `kept` gives the golden's own copy of a small file. */
export function compareGolden(
  golden: GoldenFile,
  bundle: DescribedBundle,
  kept: (path: string) => string | undefined,
): GoldenReport {
  const before = new Map(golden.artifacts.map((artifact) => [artifact.path, artifact]));
  const after = new Map(bundle.golden.artifacts.map((artifact) => [artifact.path, artifact]));
  const changes: GoldenChange[] = [];
  for (const line of bundle.invalid) {
    const split = line.indexOf(': ');
    changes.push({
      path: line.slice(0, split),
      kind: 'invalid',
      detail: line.slice(split + 2),
      differences: [],
    });
  }
  for (const path of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [old, now] = [before.get(path), after.get(path)];
    if (now === undefined)
      changes.push({ path, kind: 'missing', detail: 'expected but missing', differences: [] });
    else if (old === undefined)
      changes.push({ path, kind: 'extra', detail: 'present but not expected', differences: [] });
    else if (old.sha256 !== now.sha256 || old.mediaType !== now.mediaType || old.schema !== now.schema) {
      changes.push(changed(path, kept(path), bundle.small.get(path)));
    }
  }
  const stages = [...new Set([...Object.keys(golden.tools), ...Object.keys(bundle.golden.tools)])].sort();
  const tools = stages.flatMap((stage) => {
    const [old, now] = [golden.tools[stage] ?? 'none', bundle.golden.tools[stage] ?? 'none'];
    return old === now ? [] : [{ stage, before: old, after: now }];
  });
  return {
    schema: 'https://secplan.dev/schema/golden-report/v1',
    name: golden.name,
    equal: changes.length === 0,
    changes,
    tools,
  };
}

function changed(path: string, before: string | undefined, after: string | undefined): GoldenChange {
  const base = { path, kind: 'changed' as const };
  if (before === undefined || after === undefined)
    return { ...base, detail: 'other content', differences: [] };
  try {
    const differences = structuralDiff(JSON.parse(before), JSON.parse(after));
    return {
      ...base,
      detail: differences.length === 1 ? '1 place differs' : `${differences.length} places differ`,
      differences,
    };
  } catch {
    return { ...base, detail: firstLine(before, after), differences: [] };
  }
}

function firstLine(before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const at = old.findIndex((line, index) => line !== now[index]);
  const index = at < 0 ? old.length : at;
  return `line ${index + 1}: ${JSON.stringify((old[index] ?? '').slice(0, 80))} is now ${JSON.stringify((now[index] ?? '').slice(0, 80))}`;
}
