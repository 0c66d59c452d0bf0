import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { Failure } from '../../core/failure.ts';
import { failureText } from '../../core/failure-text.ts';
import { type ParsedFinding, placedAt } from '../../core/finding.ts';
import { packageText, spanText } from '../../core/place-text.ts';
import type { Severity } from '../../core/severity.ts';
import { type UnexaminedFile, unexaminedText } from '../../core/unexamined.ts';
import { safePlaces, severityOf } from '../../executor/judge/identify.ts';
import { OUTPUT_LIMIT_BYTES } from '../../executor/judge/judge.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import type { CatalogueEntry } from '../../stages/contract/catalogue.ts';
import type { Note } from '../../stages/contract/report.ts';
import { sourcePath } from '../../stages/contract/source-path.ts';
import { parseForeign } from '../../stages/formats/parse-foreign.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { clip, printable } from '../shared/paint.ts';
import { unknownTool } from '../shared/unknown-tool.ts';

const MAX_DEPTH = 40;

type Rated = ParsedFinding & { readonly severity: Severity };

/** `secplan parse TOOL FILE`: the findings of a report made elsewhere. Exit 4 where it is not what the tool writes. */
export async function parse(console: Console, tool: unknown, file: unknown): Promise<number> {
  const [id, name] = [String(tool), String(file)];
  const entry = catalogue.get(id);
  if (entry === undefined) return console.refuse([unknownTool(id)]);
  const main = entry.outputs.find((output) => output.required !== false) ?? entry.outputs[0];
  if (main === undefined) return refuseReport(console, id, { reason: 'report-missing', output: 'report' });
  const read = readReport(resolve(console.cwd, name), name, main.name);
  if ('diagnostic' in read) return console.refuse([read.diagnostic]);
  if ('failure' in read) return refuseReport(console, id, read.failure);
  const outcome = parseForeign(entry, await entry.report(), read.text, nearPath(console.cwd));
  if (!outcome.ok) return refuseReport(console, id, outcome.failure);
  show(
    console,
    id,
    outcome.findings.map((finding) => rated(entry, finding)),
    [...outcome.notes, ...(outcome.unexamined ?? []).map(noteOf)],
  );
  return EXIT.pass;
}

type Read = { readonly text: string } | { readonly failure: Failure } | { readonly diagnostic: Diagnostic };

/** Only a regular file is opened for reading: a FIFO would never end. */
function readReport(path: string, name: string, output: string): Read {
  const unreadable = (why: string): Read => ({
    diagnostic: diagnostic('SP9001', `${name} cannot be read: ${why}`, { value: name }),
  });
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return unreadable(
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it does not exist' : (error as Error).message,
    );
  }
  try {
    const facts = fstatSync(fd);
    if (!facts.isFile()) return unreadable('it is not a regular file');
    if (facts.size > OUTPUT_LIMIT_BYTES) {
      return { failure: { reason: 'output-too-large', output, limitBytes: OUTPUT_LIMIT_BYTES } };
    }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(fd));
    return text.trim() === '' ? { failure: { reason: 'report-empty', output } } : { text };
  } catch (error) {
    if (!(error instanceof TypeError)) return unreadable((error as Error).message);
    return { failure: { reason: 'report-malformed', output, detail: 'it is not valid UTF-8' } };
  } finally {
    closeSync(fd);
  }
}

/**
 * Where the report was made is not known. Of an absolute path, the longest end that is a file below the working folder
 * is kept; where there is none, all of it without the leading `/`.
 */
function nearPath(cwd: string): (path: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (path) => {
    if (known.has(path)) return known.get(path);
    let near = sourcePath('/', path);
    if (near !== undefined && /^(file:|\/)/.test(path)) {
      const parts = near.split('/').slice(-MAX_DEPTH);
      const ends = parts.map((_, index) => parts.slice(index).join('/'));
      near = ends.find((end) => existsSync(join(cwd, end))) ?? near;
    }
    known.set(path, near);
    return near;
  };
}

function rated(entry: CatalogueEntry, finding: ParsedFinding): Rated {
  const severity = severityOf({ severityMap: {} }, entry.severities, finding);
  const { span: _first, alsoAt: _further, ...rest } = finding;
  return { ...rest, severity, ...placedAt(safePlaces(finding)) };
}

function noteOf({ path, why }: UnexaminedFile): Note {
  return { path, message: unexaminedText(why) };
}

function show(console: Console, tool: string, findings: readonly Rated[], notes: readonly Note[]): void {
  if (console.json) {
    console.document('parsed', { tool, findings, notes });
    return;
  }
  for (const { severity, rule, span, message, package: pack } of findings) {
    const place = pack !== undefined ? packageText(pack) : span !== undefined ? spanText(span) : '-';
    console.print(
      `${severity.padEnd(8)}  ${printable(place)}  ${printable(rule.id)}  ${clip(printable(message), 120)}`,
    );
  }
  for (const { message, path } of notes) {
    console.note(`note: ${path === undefined ? '' : `${printable(path)}: `}${printable(message)}`);
  }
  console.note(`${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`);
}

function refuseReport(console: Console, tool: string, failure: Failure): number {
  if (console.json) {
    console.document('parsed', { tool, failure, exitCode: EXIT.incomplete });
    console.stderr.write(`${JSON.stringify({ type: 'failure', failure })}\n`);
  } else console.note(`error[${failure.reason}]: ${tool}: ${printable(failureText(failure))}`);
  return EXIT.incomplete;
}
