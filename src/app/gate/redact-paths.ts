import { type Account, type Finding, placesOf, type Span } from '../../core/finding.ts';
import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import type { StageResult } from '../../executor/stage-result.ts';

type Place = Pick<Finding | Account, 'span' | 'alsoAt'>;

/** Takes secrets out of the names of files. Only after the gate: waivers and `--changed-since` go by the names as they are. */
export interface PathRedaction {
  findings(findings: readonly Finding[]): readonly Finding[];
  results(results: readonly StageResult[]): readonly StageResult[];
}

/** Each name is looked at once, however many findings there are in the file. */
export function redactPaths(redactor: PublishRedactor): PathRedaction {
  const known = new Map<string, string>();
  const clean = (path: string): string => {
    let name = known.get(path);
    if (name === undefined) {
      name = redactor.text(path);
      known.set(path, name);
    }
    return name;
  };
  const spanOf = (span: Span): Span => ({ ...span, path: clean(span.path) });
  const isClean = (of: Place): boolean => placesOf(of).every(({ path }) => clean(path) === path);
  const placed = <T extends Place>(of: T): T =>
    isClean(of)
      ? of
      : {
          ...of,
          ...(of.span === undefined ? {} : { span: spanOf(of.span) }),
          ...(of.alsoAt === undefined ? {} : { alsoAt: of.alsoAt.map(spanOf) }),
        };
  const findings = (all: readonly Finding[]) =>
    all.map((finding) => {
      const accounts = finding.accounts.map(placed);
      const own = placed(finding);
      const same = own === finding && accounts.every((account, index) => account === finding.accounts[index]);
      return same ? finding : { ...own, accounts };
    });
  return {
    findings,
    results: (results) =>
      results.map((result) =>
        result.state === 'done'
          ? {
              ...result,
              findings: findings(result.findings),
              notes: result.notes.map((note) =>
                'path' in note ? { ...note, path: clean(note.path) } : note,
              ),
            }
          : result,
      ),
  };
}
