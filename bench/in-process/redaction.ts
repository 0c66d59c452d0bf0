import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as after } from 'node:timers/promises';
import { createPublishRedactor } from '../../src/core/redaction/redactor.ts';
import { BundleWriter } from '../../src/evidence/bundle/bundle-writer.ts';
import { learnSecrets } from '../../src/executor/judge/learn-secrets.ts';
import { createLineReader } from '../../src/io/line-reader.ts';

// node bench/in-process/redaction.ts VALUES MEGABYTES -> {"ms": …, "blockedMs": …, "rssMb": …}: secrets that a scanner
// found, one a line of one file, are learned, and reports that quote them are written through the redacting, hashing
// bundle writer. With 0 values the same reports are written. `blockedMs` is the longest that a signal would have waited.
const [count = '10000', megabytes = '50'] = process.argv.slice(2);
const values = Array.from({ length: Number(count) }, (_, index) => {
  const hash = createHash('sha256').update(String(index));
  return index % 2 === 0 ? hash.digest('hex').slice(0, 40) : hash.digest('base64');
});
const reports = madeUp(Number(megabytes) * 2 ** 20);
const dir = mkdtempSync(join(tmpdir(), 'secplan-redaction-'));
try {
  writeFileSync(join(dir, 'app.env'), values.map((value, index) => `KEY_${index} = "${value}"\n`).join(''));
  const found = values.map((_, index) => ({
    kind: 'secret' as const,
    span: { path: 'app.env', startLine: index + 1 },
  }));
  const redactor = createPublishRedactor([]);
  const writer = await BundleWriter.open(dir, join(dir, '.partial'), redactor);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await after(10);
  delay.reset();
  const start = performance.now();
  await learnSecrets(found, createLineReader(dir, new Set(['app.env'])), redactor);
  for (const [index, report] of reports.entries())
    await writer.write(`reports/${index}.json`, 'application/json', report);
  const ms = performance.now() - start;
  await after(10);
  delay.disable();
  check(readFileSync(join(dir, '.partial', 'bundle', 'reports', '0.json'), 'utf8'));
  const rssMb = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ ms, blockedMs: delay.max / 1e6, rssMb }));
} finally {
  rmSync(dir, { recursive: true, force: true });
}

/** Five reports as scanners write them; one row in ten quotes a value, every third of these in base64. */
function madeUp(bytes: number): readonly Buffer[] {
  return Array.from({ length: 5 }, (_, report) => {
    const rows: string[] = [];
    for (let size = 0, row = 0; size < bytes / 5; row += 1) {
      const text = rowOf(row * 5 + report);
      rows.push(text);
      size += text.length;
    }
    return Buffer.from(rows.join(''), 'utf8');
  });
}

function rowOf(row: number): string {
  const value = values.length === 0 || row % 10 > 0 ? 'nothing' : (values[row % values.length] ?? '');
  const quoted = row % 30 === 0 ? Buffer.from(value).toString('base64') : value;
  const finding = {
    ruleId: `R${row % 200}`,
    level: 'warning',
    message: { text: `what is wrong in place ${row} and how to put it right: ${quoted}` },
    uri: `src/folder-${row % 40}/file-${row % 2000}.py`,
    region: { startLine: 1 + (row % 900) },
    partialFingerprints: { 'secplan/v1': createHash('sha256').update(`finding ${row}`).digest('hex') },
  };
  return `${JSON.stringify(finding, null, 2)}\n`;
}

/** @throws where the figure would be worth nothing: a value is left, or none was there */
function check(written: string): void {
  if (values.length === 0) return;
  const left = values.find((value) => written.includes(value));
  if (left !== undefined || !written.includes('[redacted]')) throw new Error('the report was not redacted');
}
