import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { runScan } from '../src/api/run-scan.ts';
import { type Digest, stageId } from '../src/core/ids.ts';
import { openCaches } from '../src/executor/caches/open-caches.ts';
import { catalogue } from '../src/stages/registry.gen.ts';

// `node scripts/record.ts ID CASE` runs the real tool and keeps what it left, secrets taken out, as a case.
// CASE `findings…` scans the example workspace, every other one the clean tree beside this project's tests; a third
// argument names another folder.
const [id = '', name = 'findings', other] = process.argv.slice(2);
const root = new URL('../', import.meta.url).pathname;
const entry = catalogue.get(id);
if (entry === undefined) fail(`no scanner ${id}`);
const usual = name.startsWith('findings') ? 'manifests/examples/light-python' : 'tests/rig/clean-workspace';
const sample = other === undefined ? usual : basename(other);

const scratch = mkdtempSync(join(tmpdir(), 'secplan-record-'));
try {
  const workspace = join(scratch, 'workspace');
  const cache = join(scratch, 'cache');
  cpSync(other === undefined ? join(root, usual) : resolve(other), workspace, {
    recursive: true,
    filter: (path) => !/\/build(\/|$)/.test(path),
  });
  const scan = await runScan({
    cwd: workspace,
    env: { ...process.env, SECPLAN_CACHE_DIR: cache },
    signal: new AbortController().signal,
    now: Date.now,
    onEvent: () => undefined,
    options: {
      only: [id],
      exportDir: join(scratch, 'export'),
      databases: join(root, 'tests/rig/databases'),
    },
  });
  const result = scan.scan?.results.find((item) => item.tool === id);
  if (result?.state !== 'done') fail(`${id} gave no result: ${JSON.stringify(result ?? scan.diagnostics)}`);
  const caches = await openCaches(cache, workspace);
  if (!caches.ok) fail('the scratch cache cannot be opened');
  const record = await caches.value.actions.latest(
    result.target === 'source' ? stageId(id) : stageId(id, result.target),
  );
  // What depends on servers is in no cache: then the outputs are the bundle's.
  const stored: Readonly<Record<string, { digest: Digest }>> =
    record?.outputs ??
    Object.fromEntries(result.artifacts.map((artifact) => [artifact.output, { digest: artifact.digest }]));

  const folder = join(root, 'src', 'stages', id, 'cases', name);
  mkdirSync(folder, { recursive: true });
  const outputs: Record<string, string> = {};
  const logs: Record<string, string> = {};
  for (const [output, { digest }] of Object.entries(stored)) {
    const text = Buffer.from((await caches.value.blobs.read(digest)) ?? []).toString('utf8');
    const stream = /\.(stdout|stderr)$/.exec(output)?.[1];
    if (stream !== undefined) logs[stream] = `${logs[stream] ?? ''}${text}`;
    else outputs[output] = text;
  }
  if (record === undefined) bundledLog(result.stage, logs);
  const files = Object.fromEntries(Object.keys(outputs).map((output) => [output, `raw.${output}.txt`]));
  for (const [output, file] of Object.entries(files))
    writeFileSync(join(folder, file), outputs[output] ?? '');
  for (const [stream, text] of Object.entries(logs)) writeFileSync(join(folder, `${stream}.txt`), text);
  const { toolUsed } = result;
  const given = {
    origin: 'recorded',
    source: `${toolUsed.name} ${toolUsed.version ?? ''} on ${sample}`,
    provider: toolUsed.provider,
    filesGiven: result.filesGiven,
    outputs: files,
    logs: Object.fromEntries(Object.keys(logs).map((stream) => [stream, `${stream}.txt`])),
  };
  writeFileSync(join(folder, 'case.json'), `${JSON.stringify(given, null, 2)}\n`);
  process.stdout.write(`recorded src/stages/${id}/cases/${name}; read it, then \`just golden ${id}\`\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** The parts of a stage's log in the bundle, each below a line `== STEP.STREAM`. */
function bundledLog(stage: string, logs: Record<string, string>): void {
  const path = join(scratch, 'export', 'latest', 'logs', `${stage.replace(':', '.')}.log`);
  if (!existsSync(path)) return;
  for (const part of `\n${readFileSync(path, 'utf8')}`.split('\n== ').slice(1)) {
    const stream = /^\S+\.(stdout|stderr)\n/.exec(part)?.[1];
    if (stream !== undefined)
      logs[stream] = `${logs[stream] ?? ''}${part.slice(part.indexOf('\n') + 1).trimEnd()}\n`;
  }
}

function fail(why: string): never {
  process.stderr.write(`record: ${why}\n`);
  process.exit(1);
}
