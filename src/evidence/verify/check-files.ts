import { byCodeUnit } from '../../core/canonical.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import {
  isSubject,
  LINKS_FOLDER,
  STATEMENTS,
  type Statement,
  UNSIGNED_NOTE,
} from '../statement/statement.ts';

/** What every bundle holds, whatever ran. */
const ALWAYS = [
  'attestation.intoto.json',
  'attestation.vsa.intoto.json',
  'checksums.txt',
  'events.jsonl',
  'findings.sarif',
  'licenses.json',
  'manifest-info.json',
  'plan.json',
  'report.html',
  'summary.json',
  'timeline.svg',
  'verdict.json',
];
const EVIDENCE: ReadonlySet<string> = new Set([
  ...Object.values(STATEMENTS).flatMap(({ file, signature }) => [file, signature]),
  UNSIGNED_NOTE,
]);
const MOST_TOLD = 20;

type Hashes = ReadonlyMap<string, string>;

/** What is missing, and what lies there that no bundle has: SP6010. */
export function checkLayout(paths: Iterable<string>): readonly Diagnostic[] {
  const there = new Set(paths);
  const stray = [...there].filter(
    (path) =>
      path.startsWith('attestation.') &&
      !EVIDENCE.has(path) &&
      !/^attestation\.links\/[^/]+\.link$/.test(path),
  );
  const signed = Object.values(STATEMENTS).every(({ signature }) => there.has(signature));
  // Not signed itself, it would say of a signed bundle that it is not.
  if (signed && there.has(UNSIGNED_NOTE)) stray.push(UNSIGNED_NOTE);
  return told('SP6010', [
    ...ALWAYS.filter((path) => !there.has(path)).map((path) => `${path} is missing`),
    ...stray.map((path) => `${path} does not belong in a bundle`),
  ]);
}

/** checksums.txt against the files: SP6011. */
export function checkChecksums(text: string, hashes: Hashes): readonly Diagnostic[] {
  const listed = new Map<string, string>();
  const lines = text.split('\n');
  if (lines.pop() !== '') return told('SP6011', ['checksums.txt has bytes behind its last line']);
  for (const line of lines) {
    const [, sha256, path] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    if (sha256 === undefined || path === undefined || listed.has(path)) {
      return told('SP6011', ['checksums.txt has a malformed line']);
    }
    listed.set(path, sha256);
  }
  const wrong = [...hashes].flatMap(([path, sha256]) => {
    if (path === 'checksums.txt') return [];
    if (!listed.has(path)) return `${path} is not in checksums.txt`;
    return listed.get(path) === sha256 ? [] : `${path} does not match its checksum`;
  });
  const gone = [...listed.keys()].filter((path) => !hashes.has(path));
  return told('SP6011', [...wrong, ...gone.map((path) => `${path} is in checksums.txt but missing`)]);
}

/** The statement's subjects against the files: added, removed, renamed, changed. SP6015. */
export function checkSubjects(file: string, { subject }: Statement, hashes: Hashes): readonly Diagnostic[] {
  const subjects = new Map(subject.map(({ name, digest }) => [name, digest.sha256]));
  const added = [...hashes.keys()].filter((path) => isSubject(path) && !subjects.has(path));
  const wrong: string[] = subjects.size === subject.length ? [] : ['two subjects have the same name'];
  for (const [name, sha256] of subjects) {
    const now = hashes.get(name);
    if (now === sha256 && isSubject(name)) continue;
    const elsewhere = now === undefined ? added.find((path) => hashes.get(path) === sha256) : undefined;
    if (now !== undefined) wrong.push(`${name} was changed`);
    else if (elsewhere === undefined) wrong.push(`${name} was removed`);
    else {
      added.splice(added.indexOf(elsewhere), 1);
      wrong.push(`${name} was renamed to ${elsewhere}`);
    }
  }
  wrong.push(...added.map((path) => `${path} was added`));
  return told(
    'SP6015',
    wrong.sort(byCodeUnit).map((what) => `${what} after ${file} was written`),
  );
}

/** The links that the provenance lists against those that lie there: SP6015. */
export function checkLinks(
  byproducts: readonly { readonly name: string; readonly digest: Readonly<Record<string, string>> }[],
  hashes: Hashes,
): readonly Diagnostic[] {
  const listed = new Map(byproducts.map(({ name, digest }) => [name, digest.sha256]));
  const there = [...hashes.keys()].filter((path) => path.startsWith(LINKS_FOLDER));
  return told('SP6015', [
    ...[...listed].flatMap(([name, sha256]) =>
      hashes.get(name) === sha256 ? [] : [`${name} does not match the link in the statement`],
    ),
    ...there.filter((path) => !listed.has(path)).map((path) => `${path} is not listed in the statement`),
  ]);
}

/** As many as anyone reads. */
function told(code: Diagnostic['code'], lines: readonly string[]): readonly Diagnostic[] {
  const shown = lines.slice(0, MOST_TOLD).map((line) => diagnostic(code, line));
  const rest = lines.length - MOST_TOLD;
  return rest > 0 ? [...shown, diagnostic(code, `and ${rest} more of this kind`)] : shown;
}
