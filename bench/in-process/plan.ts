import { resolve } from '../../src/compiler/resolve/resolve.ts';
import { validate } from '../../src/compiler/validate/validate.ts';
import { digestOfJson } from '../../src/core/canonical.ts';
import { loadCommands } from '../../src/planner/load-commands.ts';
import { planStages } from '../../src/planner/plan.ts';
import { catalogue } from '../../src/stages/catalogue.gen.ts';
import { type Shape, stageManifest } from './stage-manifest.ts';

// node bench/in-process/plan.ts COUNT SHAPE -> {"ms": …, "stages": …}
const [count = '1000', shape = 'layers'] = process.argv.slice(2);
const manifest = stageManifest(Number(count), shape as Shape);
// What loads once a process is not what is measured.
await plan(stageManifest(10, 'layers'));
const start = performance.now();
const stages = await plan(manifest);
console.log(JSON.stringify({ ms: performance.now() - start, stages }));

/** Validates, resolves, plans and digests a manifest that was parsed already. */
async function plan(value: unknown): Promise<number> {
  const nowhere = () => undefined;
  const checked = validate({ value, place: nowhere, keyPlace: nowhere });
  if (!checked.ok) throw new Error(JSON.stringify(checked.diagnostics.slice(0, 3)));
  const model = resolve(
    { manifest: checked.value, place: nowhere, keyPlace: nowhere },
    { catalogue, facts: { lookup: () => 'folder' }, profile: 'bench' },
  );
  if (!model.ok) throw new Error(JSON.stringify(model.diagnostics.slice(0, 3)));
  const planned = planStages(model.value, {
    catalogue,
    commands: await loadCommands(model.value, catalogue),
    lock: { schema: 'https://secplan.dev/schema/tools-lock/v1', tools: {} },
    secplanVersion: '0.0.0',
    assetDigest: digestOfJson,
    scriptDigest: nowhere,
  });
  if (!planned.ok) throw new Error(JSON.stringify(planned.diagnostics.slice(0, 3)));
  return planned.value.stages.length;
}
