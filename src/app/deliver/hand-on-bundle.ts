import { basename } from 'node:path';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import { deliverBundle } from '../../delivery/deliver-bundle.ts';
import { bundleFiles } from '../../delivery/shared/bundle-files.ts';
import { takeDeliveryLock } from '../../delivery/shared/delivery-lock.ts';
import { openDeliveryLog } from '../../delivery/shared/delivery-log.ts';
import type { GitFacts } from '../../delivery/shared/delivery-types.ts';
import type { ReceiverReport, ReceiverStage } from '../../delivery/shared/receiver-report.ts';
import { readBundle } from '../../evidence/bundle/read-bundle.ts';
import { systemClock } from '../../io/clock.ts';

export interface HandOnRequest {
  readonly bundleDir: string;
  readonly stages: readonly ReceiverStage[];
  readonly secrets: Readonly<Record<string, string>>;
  readonly redactor: PublishRedactor;
  readonly git: GitFacts;
  readonly offline: boolean;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

export interface HandedOn {
  readonly reports: readonly ReceiverReport[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Hands a sealed bundle on. What did not arrive is SP6042 (SP6043 where optional), what was left out SP6044. @throws what an abort throws */
export async function handOnBundle(request: HandOnRequest): Promise<HandedOn> {
  const { bundleDir, redactor, now } = request;
  const files = await bundleFiles(bundleDir);
  if (!('files' in files)) {
    const found = diagnostic('SP6046', `the bundle is not delivered: ${files.slice(0, 5).join('; ')}`);
    return { reports: [], diagnostics: [found] };
  }
  const content = await readBundle(bundleDir);
  if (!content.ok) return { reports: [], diagnostics: content.diagnostics };
  let lock: ReturnType<typeof takeDeliveryLock>;
  let log: ReturnType<typeof openDeliveryLog>;
  try {
    lock = takeDeliveryLock(content.value.dir);
    if (lock === undefined) {
      const found = diagnostic('SP6048', `another process is delivering ${basename(content.value.dir)}`);
      return { reports: [], diagnostics: [found] };
    }
    log = openDeliveryLog(content.value.dir, redactor, now);
  } catch (error) {
    lock?.release();
    const summary = `the delivery log cannot be written: ${(error as Error).message}`;
    return { reports: [], diagnostics: [diagnostic('SP6042', summary)] };
  }
  try {
    const reports = await deliverBundle({
      ...request,
      files,
      content: content.value,
      log,
      clock: systemClock,
      random: Math.random,
    });
    return { reports, diagnostics: reports.flatMap((one) => diagnosticsOf(one)) };
  } finally {
    log.close();
    lock.release();
  }
}

function diagnosticsOf(report: ReceiverReport): readonly Diagnostic[] {
  const { name, optional, detail } = report;
  const what = report.kind === 'deliver' ? 'bundle' : 'message';
  switch (report.state) {
    case 'delivered':
      return report.limits.map((limit) => diagnostic('SP6045', `${name}: ${limit}`));
    case 'failed':
      return [
        diagnostic(optional ? 'SP6043' : 'SP6042', `${name} did not receive the ${what}: ${detail}`, {
          help: 'Run `secplan deliver`: it sends only what is missing.',
        }),
      ];
    case 'skipped': {
      if (report.why === 'not-asked') return [];
      const code = report.why === 'nothing' ? 'SP6070' : 'SP6044';
      return [diagnostic(code, `the ${what} was not sent to ${name}: ${detail}`)];
    }
  }
}
