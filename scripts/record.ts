import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { catalogue } from '../src/stages/catalogue.gen.ts';
import { type CaseFile, caseFolder, readCase } from '../src/stages/kit/case-file.ts';
import { caseRefusal } from '../src/stages/kit/case-refusal.ts';
import { cutCase } from '../src/stages/kit/cut-case.ts';
import { caseWorkspace, recordRun } from '../src/stages/kit/record-run.ts';

// `node scripts/record.ts ID CASE [WORKSPACE]` runs the real tool and keeps what it left, secrets taken out, as a case.
// A case that is there is run as its `rerun` says, with its provider, options and arguments. A new one runs on WORKSPACE
// (inside the project), else on `workspace/` in its folder, else `findings…` on the example and any other on the clean tree.
// `malformed` needs no run: the report of the recorded case is cut off where report.ts refuses it.
const [id = '', name = 'findings', other] = process.argv.slice(2);
const root = new URL('../', import.meta.url).pathname;
if (!catalogue.has(id)) fail(`no scanner ${id}`);

const folder = caseFolder(id, name);
if (name.startsWith('malformed') && !existsSync(join(folder, 'workspace')) && other === undefined)
  await cut();
const old: CaseFile | undefined = existsSync(join(folder, 'case.json')) ? readCase(folder) : undefined;
if (name.startsWith('malformed') && old?.rerun === undefined && other === undefined) await cut();
const how = old?.rerun !== undefined && !('not' in old.rerun) ? old.rerun : undefined;
const workspace = other === undefined ? caseWorkspace(id, name, how) : resolve(other);
const ran = await recordRun({ id, workspace, tool: old ?? {} });
if ('refused' in ran) fail(`${id} gave no result: ${ran.refused}`);

const { result, outputs, log } = ran.recording;
const refusal = caseRefusal(name, result);
if (refusal !== undefined) fail(`nothing is recorded for ${id}: ${refusal}`);
mkdirSync(folder, { recursive: true });
const fileOf = (output: string): string => old?.outputs[output] ?? `raw.${output}.txt`;
const logs = Object.fromEntries(
  (['stdout', 'stderr'] as const)
    .filter((stream) => log[stream] !== '')
    .map((stream) => [stream, old?.logs[stream] ?? `${stream}.txt`]),
);
for (const [output, text] of Object.entries(outputs)) writeFileSync(join(folder, fileOf(output)), text);
for (const [stream, file] of Object.entries(logs)) writeFileSync(join(folder, file), log[stream as 'stdout']);
const { toolUsed } = result;
const own = join(folder, 'workspace');
const usual = caseWorkspace(id, name);
const inProject = relative(root, workspace);
const rerun = { ...how, ...(workspace === usual ? {} : { workspace: inProject }) };
const given = {
  origin: 'recorded',
  source:
    old?.origin === 'recorded'
      ? old.source
      : `${toolUsed?.name} ${toolUsed?.version ?? ''} on ${workspace === own ? 'a small tree made for it' : inProject}`,
  provider: toolUsed?.provider,
  rerun: Object.fromEntries(
    Object.entries(rerun).filter(
      ([key, value]) =>
        !(key === 'slow' && value === false) &&
        !(key === 'compare' && value === 'result') &&
        !(key === 'programs' && (value as unknown[]).length === 0),
    ),
  ),
  ...(old?.target === undefined ? {} : { target: old.target }),
  ...(old?.artifacts === undefined ? {} : { artifacts: old.artifacts }),
  filesGiven: result.state === 'done' ? result.filesGiven : (old?.filesGiven ?? 0),
  ...(old === undefined || Object.keys(old.options).length === 0 ? {} : { options: old.options }),
  ...(old === undefined || old.args.length === 0 ? {} : { args: old.args }),
  outputs: Object.fromEntries(Object.keys(outputs).map((output) => [output, fileOf(output)])),
  ...(Object.keys(logs).length === 0 ? {} : { logs }),
};
writeFileSync(join(folder, 'case.json'), `${JSON.stringify(given, null, 2)}\n`);
process.stdout.write(`recorded src/stages/${id}/cases/${name}; read it, then \`just golden ${id}\`\n`);

/** No run leaves a broken report: what a good one left is cut off. */
async function cut(): Promise<never> {
  const entry = catalogue.get(id);
  const made = entry === undefined ? undefined : await cutCase(entry, caseFolder(id, '..'), name);
  if (made === undefined || !made.ok) return fail(made?.why ?? `no scanner ${id}`);
  process.stdout.write(
    `src/stages/${id}/cases/${name}: the report of ${made.source}, truncated after ${made.bytes} characters; next \`just golden ${id}\`\n`,
  );
  process.exit(0);
}

function fail(why: string): never {
  process.stderr.write(`record: ${why}\n`);
  process.exit(1);
}
