import type { UnexaminedFile } from '../../../core/unexamined.ts';
import type { ContentTest, ParseContext } from '../../contract/report.ts';
import { anyOf, inUtf16, inUtf32, notInUtf8, noYamlCharacters } from '../../formats/content.ts';
import { oneLine } from '../../formats/one-line.ts';
import { noYaml } from '../../formats/yaml-content.ts';

const MOST_UNPARSED = 10_000;

/** Trivy says only in its log what it could not parse. The text of the error is left out: it quotes the file. */
export function unparsedFiles(context: ParseContext): UnexaminedFile[] {
  const files = new Map<string, UnexaminedFile>();
  for (const match of context.log.stderr.matchAll(
    /^\S+\s+ERROR\s+(\[[^\]\n]{1,60}\][^="\n]{0,120}?)(?:\s+\w{1,40}="[^"\n]{0,400}")*\s+file_path="([^"\n]{1,4096})"/gm,
  )) {
    const path = context.relative(match[2] ?? '');
    if (path !== undefined && files.size < MOST_UNPARSED && !files.has(path))
      files.set(path, { path, why: { kind: 'not-understood', detail: oneLine(match[1] ?? '') } });
  }
  return [...files.values()];
}

const SYSTEM = /^(?:dev|proc|sys)\//;

/** It takes the folder that it scans for a machine's root and leaves these out; it has no option against that. */
export function systemFolders(given: readonly string[]): UnexaminedFile[] {
  const detail = 'Trivy leaves the folders dev, proc and sys out';
  return given
    .filter((path) => SYSTEM.test(path))
    .map((path) => ({ path, why: { kind: 'passed-over', detail } }));
}

/** What its secret scanner leaves out by name: a note counts them. */
const NEVER_READ =
  /(?:^|\/)(?:node_modules\/|(?:go\.mod|go\.sum|package-lock\.json|yarn\.lock|pnpm-lock\.yaml|Pipfile\.lock|Gemfile\.lock)$)|\.(?:jpe?g|png|gif|svg|socket|deb|rpm|zip|gz|gzip|tar)$/;

/** It searches no file of fewer bytes. */
const LEAST_BYTES = 10;

/** By these bytes in the beginning it knows a file without text. */
const takenForBinary: ContentTest = (content) =>
  content.length >= LEAST_BYTES && content.subarray(0, 300).some(isBinaryByte)
    ? 'Trivy takes it for a binary file'
    : undefined;

function isBinaryByte(byte: number): boolean {
  return byte < 7 || byte === 11 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32) || byte === 127;
}

/** Files that it cannot read and that it says nothing of. The templates of a chart it fills in before it parses them. */
export function unreadByTrivy(
  scanners: readonly string[],
  given: readonly string[],
): (path: string) => ContentTest | undefined {
  const charts = given
    .flatMap((path) => /^(.*\/)?Chart\.yaml$/.exec(path)?.slice(1) ?? [])
    .map((folder) => folder ?? '');
  const inChart = (path: string) =>
    path.includes('templates/') && charts.some((folder) => path.startsWith(folder));
  return (path) => {
    const tests: ContentTest[] = [];
    if (scanners.includes('secret') && !NEVER_READ.test(path)) tests.push(takenForBinary);
    if (scanners.includes('misconfig') && /\.ya?ml$/.test(path) && !inChart(path)) tests.push(notAsYaml);
    return tests.length === 0 ? undefined : anyOf(...tests);
  };
}

const notAsYaml = anyOf(inUtf16, inUtf32, notInUtf8, noYamlCharacters, noYaml);
