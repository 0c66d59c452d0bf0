import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { packAndInstall } from '../scripts/pack-and-install.ts';
import { run } from './measure.ts';
import type { BenchContext, Figure, Row } from './row.ts';
import { cold } from './rows/cold.ts';
import { compile } from './rows/compile.ts';
import { dagger } from './rows/dagger.ts';
import { installation } from './rows/installation.ts';
import { memory } from './rows/memory.ts';
import { merge } from './rows/merge.ts';
import { orchestration } from './rows/orchestration.ts';
import { plan } from './rows/plan.ts';
import { redaction } from './rows/redaction.ts';
import { startUp } from './rows/start-up.ts';
import { validate } from './rows/validate.ts';
import { warm } from './rows/warm.ts';
import { table } from './table.ts';

const ROWS: readonly Row[] = [
  installation,
  startUp,
  compile,
  plan,
  validate,
  warm,
  cold,
  orchestration,
  merge,
  redaction,
  memory,
  dagger,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '7' },
    with: { type: 'string', multiple: true, default: [] },
    save: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((id) => !ROWS.some((row) => row.id === id));
if (unknown.length > 0) {
  console.error(`no such row: ${unknown.join(', ')}; there are ${ROWS.map((row) => row.id).join(', ')}`);
  process.exit(2);
}
const root = realpathSync(fileURLToPath(new URL('..', import.meta.url)));
const dir = mkdtempSync(join(tmpdir(), 'secplan-bench-'));
const node = process.execPath;
const results: { readonly id: string; readonly about: string; readonly figures: readonly Figure[] }[] = [];
try {
  // Once, before anything is measured: a build meanwhile does not change it.
  const installed = packAndInstall(root, join(dir, 'installed'));
  const context: BenchContext = {
    dir,
    root,
    node,
    installed,
    secplan: [node, installed.bin],
    runs: Number(values.runs),
    extras: new Set(values.with),
  };
  for (const row of ROWS.filter(({ id }) => positionals.length === 0 || positionals.includes(id))) {
    console.error(`… ${row.id}`);
    const figures = await row.measure(context);
    results.push({ id: row.id, about: row.about, figures });
    console.log(table(figures));
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
if (values.save) {
  const date = new Date().toISOString().slice(0, 10);
  // A part does not take the place of a day's whole table.
  const part = positionals.length === 0 ? '' : `-${positionals.join('-')}`;
  const file = join(root, 'bench', 'results', `${date}${part}.json`);
  mkdirSync(join(root, 'bench', 'results'), { recursive: true });
  writeFileSync(
    file,
    `${JSON.stringify({ date, machine: machine(), runs: Number(values.runs), rows: results }, null, 2)}\n`,
  );
}

/** What the figures were taken on; no name of a host. */
function machine(): Readonly<Record<string, string | number>> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: run({ argv: ['uname', '-sr'] }).trim(),
    node: process.versions.node,
    git: run({ argv: ['git', '--version'] }).trim(),
  };
}
