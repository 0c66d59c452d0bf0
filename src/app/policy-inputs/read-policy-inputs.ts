import type { PlannedPolicy, PolicyFileRef } from '../../compiler/model/model.ts';
import { digestOf } from '../../core/canonical.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { Finding } from '../../core/finding.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import {
  cveIds,
  type ExploitedEntry,
  type ExploitedFacts,
  type ExploitedList,
} from '../../policy/exploited.ts';
import { type BaselineFacts, type GateFacts, NO_FACTS } from '../../policy/gate-facts.ts';
import type { VexDocument } from '../../policy/vex.ts';
import { readBaseline } from './read-baseline.ts';
import { unusable } from './read-document.ts';
import { type ReadList, readEpss, readKev } from './read-exploited.ts';
import { readVex } from './read-vex.ts';

/** Content of a file of the workspace, or of the ref that is trusted; undefined where there is none. */
export type ReadPolicyFile = (path: string) => Uint8Array | undefined;

/** Everything that the policy names, read once before anything is started. */
export interface PolicyInputs {
  readonly baseline: BaselineFacts | null;
  readonly vex: readonly VexDocument[];
  readonly kev: (ReadList<string> & { readonly list: ExploitedList }) | null;
  readonly epss: (ReadList<number> & { readonly list: ExploitedList }) | null;
}

/** Reads what a policy names: SP4010 for what cannot be used, SP4011 for what is not the file that the plan was compiled with. */
export function readPolicyInputs(policy: PlannedPolicy, read: ReadPolicyFile): Outcome<PolicyInputs> {
  const diagnostics: Diagnostic[] = [];
  const take = <T>(outcome: Outcome<T>): T | null => {
    diagnostics.push(...outcome.diagnostics);
    return outcome.ok ? outcome.value : null;
  };
  const inputs: PolicyInputs = {
    baseline: policy.baseline === undefined ? null : take(baselineFacts(policy.baseline, read)),
    vex: (policy.vex ?? []).flatMap((ref) => {
      const bytes = unchanged(ref, read);
      if (bytes.ok && bytes.value === null) diagnostics.push(unusable(ref.path, 'not there'));
      const document = !bytes.ok || bytes.value === null ? take(bytes) : take(readVex(ref, bytes.value));
      return document === null || document instanceof Uint8Array ? [] : [document];
    }),
    kev: listOf({ kind: 'kev', path: policy.exploited?.kev }, read, readKev, take),
    epss: listOf({ kind: 'epss', path: policy.exploited?.epss }, read, readEpss, take),
  };
  return diagnostics.length === 0 ? success(inputs) : failed(diagnostics);
}

/** The facts that a gate needs for these findings: of the lists only what they ask for. */
export function gateFacts(
  { baseline, vex, kev, epss }: PolicyInputs,
  findings: readonly Finding[],
  since: GateFacts['since'],
): GateFacts {
  return { ...NO_FACTS, baseline, since, vex, exploited: exploitedFacts(kev, epss, findings) };
}

function exploitedFacts(
  kev: PolicyInputs['kev'],
  epss: PolicyInputs['epss'],
  findings: readonly Finding[],
): ExploitedFacts | null {
  if (kev === null && epss === null) return null;
  const ids = [...new Set(findings.flatMap(cveIds))].sort();
  const entries = ids.flatMap((id): [string, ExploitedEntry][] => {
    const [added, score] = [kev?.entries.get(id), epss?.entries.get(id)];
    if (added === undefined && score === undefined) return [];
    return [
      [
        id,
        {
          ...(added === undefined ? {} : { kevAdded: added }),
          ...(score === undefined ? {} : { epss: score }),
        },
      ],
    ];
  });
  return {
    lists: [kev, epss].flatMap((one) => (one === null ? [] : [one.list])),
    entries: Object.fromEntries(entries),
  };
}

/** A baseline that is not there yet knows nothing. */
function baselineFacts(ref: PolicyFileRef, read: ReadPolicyFile): Outcome<BaselineFacts | null> {
  const bytes = unchanged(ref, read);
  if (!bytes.ok) return bytes;
  if (bytes.value === null) return success(null);
  const baseline = readBaseline(ref.path, bytes.value);
  if (!baseline.ok) return baseline;
  return success({
    path: ref.path,
    digest: digestOf(bytes.value),
    findings: baseline.value.findings,
  });
}

/** The bytes that the plan was made with; null where there were none then and are none now. */
function unchanged(ref: PolicyFileRef, read: ReadPolicyFile): Outcome<Uint8Array | null> {
  const bytes = read(ref.path);
  const digest = bytes === undefined ? null : digestOf(bytes);
  if (digest === ref.digest) return success(bytes ?? null);
  return failed([
    diagnostic('SP4011', `${ref.path} is not the file that the plan was compiled with`, {
      place: { file: ref.path, line: 1, column: 1 },
    }),
  ]);
}

function listOf<T>(
  { kind, path }: { readonly kind: ExploitedList['kind']; readonly path: string | undefined },
  read: ReadPolicyFile,
  parse: (path: string, bytes: Uint8Array) => Outcome<ReadList<T>>,
  take: <U>(outcome: Outcome<U>) => U | null,
): (ReadList<T> & { readonly list: ExploitedList }) | null {
  if (path === undefined) return null;
  const bytes = read(path);
  const help = 'Download it into the workspace before the run: secplan does not download such lists.';
  if (bytes === undefined) return take(failed([unusable(path, 'not there', help)]));
  const parsed = take(parse(path, bytes));
  const list = { kind, path, digest: digestOf(bytes), version: parsed?.version ?? null };
  return parsed === null ? null : { ...parsed, list };
}
