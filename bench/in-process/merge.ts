import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '../../src/core/finding.ts';
import { type Fingerprint, stageId, toolId } from '../../src/core/ids.ts';
import { createPublishRedactor } from '../../src/core/redaction/redactor.ts';
import { BundleWriter } from '../../src/evidence/bundle/bundle-writer.ts';
import { sarifChunks } from '../../src/evidence/bundle/sarif-writer.ts';
import { mergeFindings } from '../../src/policy/merge-findings.ts';

// node bench/in-process/merge.ts merge|json COUNT -> {"ms": …, "bytes": …, "rssMb": …}
const [what = 'merge', count = '100000'] = process.argv.slice(2);
const findings = madeUp(Number(count));
const dir = mkdtempSync(join(tmpdir(), 'secplan-merge-'));
try {
  const writer = await BundleWriter.open(dir, join(dir, '.partial'), createPublishRedactor([]));
  const start = performance.now();
  const driver = { name: 'secplan', version: '0.0.0' };
  await writer.write(
    'findings.sarif',
    'application/json',
    sarifChunks(driver, mergeFindings(findings), true),
  );
  let ms = performance.now() - start;
  const file = join(dir, '.partial', 'bundle', 'findings.sarif');
  if (what === 'json') {
    const begin = performance.now();
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(join(dir, 'again'), JSON.stringify(value));
    ms = performance.now() - begin;
  }
  const rssMb = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ ms, bytes: statSync(file).size, rssMb }));
} finally {
  rmSync(dir, { recursive: true, force: true });
}

/** Ten tools' findings over 2,000 files; a third of them are seen by two tools. */
function madeUp(total: number): Finding[] {
  return Array.from({ length: total }, (_, index) => {
    const pair = index % 3 === 0 ? index : index - (index % 3) + 1;
    const tool = toolId(`tool-${index % 10}`);
    const rule = { id: `R${pair % 200}`, cwe: [`CWE-${pair % 90}`] };
    const span = { path: `src/folder-${pair % 40}/file-${pair % 2000}.py`, startLine: 1 + (pair % 900) };
    const message = `a made up message of the usual length about what is wrong in place ${pair} and how to fix it`;
    const fingerprint = createHash('sha256').update(`${tool} ${index}`).digest('hex') as Fingerprint;
    const severity = (['critical', 'high', 'medium', 'low'] as const)[index % 4] ?? 'low';
    return {
      fingerprint,
      kind: 'code',
      category: 'sast',
      target: 'source',
      severity,
      rule,
      message,
      span,
      advisories: [],
      accounts: [{ fingerprint, stage: stageId(tool), tool, rule, message, severity, span }],
    } satisfies Finding;
  });
}
