import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../app/package/package-root.ts';
import { machineView } from '../../app/workspace/machine-view.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { describeTool } from '../../toolchain/list-tools.ts';
import { waysOut } from '../../toolchain/ways-out.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { unknownTool } from '../shared/unknown-tool.ts';
import { toolText } from '../views/tool-text.ts';

/** `secplan tools show TOOL`, and what `explain TOOL` prints. */
export async function toolsShow(console: Console, id: unknown): Promise<number> {
  const entry = catalogue.get(String(id));
  if (entry === undefined) return console.refuse([unknownTool(String(id))]);
  const view = await machineView(console, console.cwd);
  if (!view.ok) return console.refuse(view.diagnostics);
  console.diagnose(view.diagnostics);
  const row = await describeTool(entry, view.value);
  const ways = waysOut(entry.id, entry, { lock: view.value.lock });
  const schemas = JSON.parse(readFileSync(join(packageRoot(), 'schema/options.gen.json'), 'utf8'));
  const schema: unknown = (schemas as Record<string, unknown>)[entry.id] ?? {};
  if (console.json) {
    const { requires, outputs, resources, severities, definitionDigest } = entry;
    console.document('tool', {
      tool: { ...row, requires, outputs, resources, severities, definitionDigest, options: schema },
    });
  } else console.print(toolText(entry, row, { options: schema, ways }, console.paint));
  return EXIT.pass;
}
