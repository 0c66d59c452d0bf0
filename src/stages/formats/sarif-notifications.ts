import type { Note } from '../contract/report.ts';
import { sarifText } from './sarif-message.ts';
import { pathOf } from './sarif-places.ts';
import { descriptorFinder, overrides } from './sarif-rules.ts';
import type { SarifInvocation, SarifRun } from './sarif-schema.ts';

/** What a tool says of its own run. */
interface SaidOfRun {
  /** Warnings; what it says of lesser level is for its makers. */
  readonly notes: readonly Note[];
  /** Why its results are not all there are: it failed to start, says that it failed, or an error (section 3.20.21, 3.20.22). */
  readonly failed: string | undefined;
}

/** Notifications of a run's invocations, of its execution and of its configuration (SARIF 2.1.0, section 3.58). */
export function readNotifications(run: SarifRun, relative: (path: string) => string | undefined): SaidOfRun {
  const find = descriptorFinder(run, 'notifications');
  const said = (run.invocations ?? []).flatMap((invocation) => {
    const set = overrides(invocation.notificationConfigurationOverrides, find);
    return allOf(invocation).map(({ level, message, descriptor, locations }) => {
      const kind = find(descriptor);
      const by = kind === undefined ? undefined : (set.get(kind) ?? kind.defaultConfiguration?.level);
      const [place] = locations ?? [];
      const path = pathOf(run, place?.physicalLocation?.artifactLocation, relative);
      const text = sarifText(message, kind?.messageStrings, run.tool.driver.globalMessageStrings);
      return {
        level: (level || by || 'warning').toLowerCase(),
        note: { message: text ?? descriptor?.id ?? 'no message', ...(path === undefined ? {} : { path }) },
      };
    });
  });
  const notes = said.flatMap(({ level, note }) => (level === 'warning' ? note : []));
  const errors = said.flatMap(({ level, note }) => (level === 'error' ? note : []));
  return { notes, failed: failureIn(run, errors, notes) };
}

function allOf(invocation: SarifInvocation) {
  return [
    ...(invocation.toolConfigurationNotifications ?? []),
    ...(invocation.toolExecutionNotifications ?? []),
  ];
}

function failureIn(run: SarifRun, errors: readonly Note[], notes: readonly Note[]): string | undefined {
  const invocations = run.invocations ?? [];
  const start = invocations.find((item) => item.processStartFailureMessage);
  if (start !== undefined) return `it did not start: ${start.processStartFailureMessage}`;
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const where = first?.path === undefined ? '' : `${first.path}: `;
  if (invocations.some((item) => item.executionSuccessful === false)) {
    const why = first?.message ?? notes.at(-1)?.message ?? 'no reason given';
    return `executionSuccessful is false: ${why}${more}`;
  }
  return first === undefined ? undefined : `it reports an error: ${where}${first.message}${more}`;
}
