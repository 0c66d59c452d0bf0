import * as z from 'zod';
import { parseImageRef } from '../core/image-ref.ts';
import type { Plan } from '../planner/ir/ir.ts';
import type { OwnProduct } from '../policy/vex.ts';
import { readJsonReport } from '../stages/formats/json-report.ts';
import type { ReadSbom } from './audit-licenses.ts';

const root = z.object({
  metadata: z.object({ component: z.object({ purl: z.string().max(4096).optional() }).nullish() }).nullish(),
});

/**
 * What a run scanned, as package URLs: the images that its targets name, and what each bill of materials says it is of
 * (CycloneDX 1.6, metadata.component). Sorted.
 */
export function ownProducts(plan: Plan, sboms: readonly ReadSbom[]): readonly OwnProduct[] {
  const found = new Map<string, OwnProduct>();
  const add = (target: string, id: string): void => {
    found.set(`${target}\n${id}`, { id, target });
  };
  for (const stage of plan.stages) {
    if (!('target' in stage) || stage.target.kind !== 'image') continue;
    const purl = imagePurl(stage.target.details?.ref);
    if (purl !== undefined) add(stage.target.name, purl);
  }
  for (const { target, text } of sboms) {
    const reading = text === undefined ? undefined : readJsonReport('sbom', text, root);
    const purl = reading?.ok ? reading.value.metadata?.component?.purl : undefined;
    if (purl !== undefined) add(target, purl);
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, product]) => product);
}

/** `pkg:oci/<name>@<digest>?repository_url=…&tag=…` (purl-spec, type oci). */
function imagePurl(given: unknown): string | undefined {
  const ref = typeof given === 'string' ? parseImageRef(given) : undefined;
  if (ref === undefined) return undefined;
  const name = ref.repository.slice(ref.repository.lastIndexOf('/') + 1);
  const digest = ref.digest === undefined ? '' : `@${encodeURIComponent(ref.digest)}`;
  const tag = ref.tag === undefined ? '' : `&tag=${ref.tag}`;
  return `pkg:oci/${name}${digest}?repository_url=${encodeURIComponent(`${ref.registry}/${ref.repository}`)}${tag}`;
}
