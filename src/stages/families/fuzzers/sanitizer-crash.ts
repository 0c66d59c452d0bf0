import type { ParsedFinding } from '../../../core/finding.ts';
import type { Severity } from '../../../core/severity.ts';
import { locationOf } from '../../formats/location.ts';
import { oneLine } from '../../formats/one-line.ts';
import { inTree } from './fuzz-target.ts';

/**
 * Kinds of crash as the sanitizers name them. High: memory that is not the program's own is read or written; medium: the
 * program ends, or what it does is not defined; low: it wastes.
 */
export const CRASH_SEVERITIES: Readonly<Record<string, Severity>> = {
  'heap-buffer-overflow': 'high',
  'stack-buffer-overflow': 'high',
  'stack-buffer-underflow': 'high',
  'global-buffer-overflow': 'high',
  'dynamic-stack-buffer-overflow': 'high',
  'container-overflow': 'high',
  'heap-use-after-free': 'high',
  'stack-use-after-return': 'high',
  'stack-use-after-scope': 'high',
  'use-after-poison': 'high',
  'attempting-double-free': 'high',
  'attempting-free': 'high',
  'memcpy-param-overlap': 'high',
  'use-of-uninitialized-value': 'high',
  'bad-cast': 'high',
  segv: 'medium',
  'deadly-signal': 'medium',
  'stack-overflow': 'medium',
  'data-race': 'medium',
  'undefined-behavior': 'medium',
  'out-of-memory': 'medium',
  timeout: 'medium',
  'detected-memory-leaks': 'low',
  crash: 'medium',
  hang: 'low',
};

interface Crash {
  readonly kind: string;
  readonly detail: string;
  readonly frames: readonly Frame[];
}

interface Frame {
  readonly name: string;
  readonly file: string | undefined;
  readonly line: number;
}

const HEADS: readonly RegExp[] = [
  /^(?:==\d+== ?(?:ERROR|WARNING): )?(?:Address|HWAddress|Memory|UndefinedBehavior)Sanitizer: ([^\n]{1,200})/,
  /^==\d+== ?ERROR: (?:LeakSanitizer|libFuzzer): ([^\n]{1,200})/,
  /^WARNING: ThreadSanitizer: ([^\n]{1,200})/,
];
const UNDEFINED = /^(\S{1,1000}):(\d{1,9}):\d{1,9}: runtime error: ([^\n]{1,300})/;
/** Frames that belong to the sanitizer, the fuzzer or the C library. */
const FOREIGN =
  /^(?:__(?:interceptor|asan|sanitizer|msan|ubsan|lsan|tsan|libc_start|GI_)|___interceptor|fuzzer::|operator new|malloc$|calloc$|realloc$|free$|memcpy$|abort$|raise$|_start$)/;

/** Every crash of a program's standard error, each kind at each place once. Bounded; never throws. */
export function crashesIn(
  text: string,
  target: string,
  relative: (path: string) => string | undefined,
): ParsedFinding[] {
  const lines = text.split('\n');
  const found = new Map<string, ParsedFinding>();
  for (const [index, line] of lines.entries()) {
    const crash = headOf(line, lines, index);
    if (crash === undefined) continue;
    const finding = toFinding(crash, target, relative);
    const key = JSON.stringify([finding.rule.id, finding.message, finding.span]);
    if (!found.has(key)) found.set(key, finding);
    if (found.size >= 1000) break;
  }
  return [...found.values()];
}

function headOf(line: string, lines: readonly string[], index: number): Crash | undefined {
  const undefinedAt = UNDEFINED.exec(line);
  if (undefinedAt !== null) {
    const [, file = '', at = '', detail = ''] = undefinedAt;
    return { kind: 'undefined-behavior', detail, frames: [{ name: '', file, line: Number(at) }] };
  }
  for (const head of HEADS) {
    const said = head.exec(line)?.[1];
    if (said === undefined) continue;
    return { kind: kindOf(said), detail: '', frames: framesBelow(lines, index) };
  }
  return undefined;
}

/** `heap-buffer-overflow on address 0x…`, `data race (pid=1)`, `out-of-memory (used: …)`: the words before that. */
function kindOf(said: string): string {
  const words = /^[A-Za-z-]+(?: [a-z-]+)*?(?= on | \(|$|: | at | after |,)/.exec(said)?.[0] ?? said;
  const slug = words.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return slug.slice(0, 60).replace(/^-|-$/g, '') || 'crash';
}

function framesBelow(lines: readonly string[], index: number): Frame[] {
  const frames: Frame[] = [];
  for (const line of lines.slice(index + 1, index + 60)) {
    if (/^(?:SUMMARY: |==\d+==ERROR)/.test(line)) break;
    const frame = /^\s{1,8}#(\d{1,3}) 0x[0-9a-f]{1,16}\s+(?:in )?(.{1,1000})$/.exec(line);
    if (frame === null) {
      // The stack of the crash itself comes first; others tell where memory was allocated.
      if (frames.length > 0 && line.trim() === '') break;
      continue;
    }
    if (frame[1] === '0' && frames.length > 0) break;
    frames.push(frameOf(frame[2] ?? ''));
  }
  return frames;
}

function frameOf(text: string): Frame {
  const place = /^(.*?)\s+(\/?[^\s:()]{1,1000}):(\d{1,9})(?::\d{1,9})?$/.exec(text);
  if (place === null) return { name: text.replace(/\s*\(.*$/, ''), file: undefined, line: 0 };
  return { name: place[1] ?? '', file: place[2], line: Number(place[3]) };
}

function toFinding(
  { kind, detail, frames }: Crash,
  target: string,
  relative: (path: string) => string | undefined,
): ParsedFinding {
  const own = frames.find(({ name, file }) => file !== undefined && !FOREIGN.test(name));
  const path = own?.file === undefined ? undefined : relative(inTree(own.file));
  const name = own?.name.replace(/\(.*$/, '').trim();
  const where = name ? ` in ${name}` : '';
  return {
    kind: 'code',
    rule: { id: kind, ...(CWES[kind] === undefined ? {} : { cwe: [CWES[kind]] }) },
    message: oneLine(`${target}: ${detail || kind}${where}`),
    toolLevel: Object.hasOwn(CRASH_SEVERITIES, kind) ? kind : 'crash',
    ...locationOf(path, { startLine: own?.line }),
  };
}

const CWES: Readonly<Record<string, string>> = {
  'heap-buffer-overflow': 'CWE-122',
  'stack-buffer-overflow': 'CWE-121',
  'global-buffer-overflow': 'CWE-787',
  'heap-use-after-free': 'CWE-416',
  'attempting-double-free': 'CWE-415',
  'use-of-uninitialized-value': 'CWE-457',
  'detected-memory-leaks': 'CWE-401',
  'out-of-memory': 'CWE-400',
  timeout: 'CWE-400',
  'data-race': 'CWE-362',
  segv: 'CWE-476',
};
