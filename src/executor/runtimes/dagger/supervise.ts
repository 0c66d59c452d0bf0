/** How a supervised step ended, where not by an exit code that it declares. */
export const SUPERVISED = { undeclared: 160, memory: 161, interrupted: 162, timeout: 163 } as const;

/** How many steps are sent at a time for each processor: what the engine has in its cache needs none. */
export const STEPS_A_PROCESSOR = 4;

/**
 * Runs a step inside the container under the limits that the engine's exec does not know. Codes that a step declares
 * are passed on. Every other end is given a code from 128 on, for which the engine fails the exec: it caches what ends
 * with any lower code, and a timeout or a crash must not come out of a cache.
 * Arguments: seconds, KiB of memory, 512-byte blocks a file may have, marker of cancellation, place of the streams,
 * declared codes, the nonce of what must never be cached; then the command.
 */
const SCRIPT = `
seconds=$1 kib=$2 blocks=$3 cancel=$4 streams=$5 declared=$6 once=$7; shift 7
ulimit -c 0; ulimit -f "$blocks"
# The engine's own, which tools might take for their own.
for each in $(env | sed -n 's/^\\(OTEL_[A-Z_]*\\|TRACE[A-Z]*\\|BAGGAGE\\)=.*/\\1/p'); do unset "$each"; done
why=$streams.why; : >"$streams.start"
page=$(getconf PAGESIZE 2>/dev/null || echo 4096)
# More steps are sent than the engine's machine has processors: those in its cache do not get here, the others wait.
folder=\${cancel%/*} slot=
if [ -w "$folder" ] && command -v flock >/dev/null; then
  until [ -n "$slot" ]; do
    at=$(nproc 2>/dev/null || echo 2)
    while [ -z "$slot" ] && [ "$at" -gt 0 ]; do
      exec 9>"$folder/slot-$at"
      flock -n 9 && slot=$at
      at=$((at - 1))
    done
    [ "$cancel" -nt "$streams.start" ] && exit 162
    [ -n "$slot" ] || sleep 0.2 2>/dev/null || sleep 1
  done
fi
began=$(date +%s)
timeout -s KILL "$seconds" "$@" </dev/null >"$streams.stdout" 2>"$streams.stderr" 9>&- &
tool=$!
{
  while kill -0 "$tool" && sleep 1; do
    used=0
    for each in /proc/[0-9]*/statm; do
      [ -r "$each" ] && read -r _ pages _ <"$each" && used=$((used + pages))
    done
    if [ "$cancel" -nt "$streams.start" ]; then echo 162 >"$why"
    elif [ $((used * (page / 1024))) -gt "$kib" ]; then echo 161 >"$why"
    else continue; fi
    kill -s KILL -- "-$tool" || kill -KILL "-$tool" || kill -KILL "$tool"
    exit
  done
} >/dev/null 2>&1 &
watch=$!
wait "$tool"; code=$?
kill "$watch" 2>/dev/null
[ "$code" = 137 ] && [ $(($(date +%s) - began)) -ge "$seconds" ] && code=163
[ -s "$why" ] && { read -r code <"$why"; rm "$why"; }
case " $declared " in *" $code "*) exit "$code";; esac
[ -n "$once" ] && [ "$code" -lt 128 ] && exit "$code"
# The engine shows what a command prints, and knows secrets in their plain form only.
[ -z "$once" ] && { tail -c 65536 "$streams.stdout"; tail -c 65536 "$streams.stderr" >&2; }
printf '\\n[secplan: exit %d]\\n' "$code" >&2
[ "$code" -ge 128 ] && exit "$code"
exit 160
`.trim();

export interface Supervision {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
  readonly fileBytes: number;
  /** Path in the container; a file there that is newer than the step's start ends it. */
  readonly cancelMarker: string;
  /** Path in the container without the endings `.stdout` and `.stderr`. */
  readonly streams: string;
  readonly exits: readonly string[];
  /** Differs from run to run for what must not come out of the engine's cache; else empty. */
  readonly nonce: string;
  readonly command: readonly string[];
}

/** The argv that runs a command supervised, in any image with `sh`, `timeout` and `tail`. */
export function supervised(of: Supervision): string[] {
  return [
    ...['sh', '-c', SCRIPT, 'secplan'],
    String(Math.max(1, Math.ceil(of.timeoutMs / 1000))),
    String(Math.ceil(of.memoryBytes / 1024)),
    String(Math.ceil(of.fileBytes / 512)),
    of.cancelMarker,
    of.streams,
    of.exits.join(' '),
    of.nonce,
    ...of.command,
  ];
}

const ENDED = /\n?\[secplan: exit (\d+)\]\n?$/;

/** Takes the supervisor's own last line off a step's stderr: the code that it gave way to, and the text before. */
export function readEnd(stderr: string): { readonly code?: number; readonly stderr: string } {
  const match = ENDED.exec(stderr);
  if (match?.[1] === undefined) return { stderr };
  return { code: Number(match[1]), stderr: stderr.slice(0, match.index) };
}

const BOUND = [
  ...['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs'],
  ...['--reuid=1000', '--regid=1000', '--clear-groups', '--'],
];

/**
 * The command without rights, and where `cut`, without network. `ip` brings up the loopback device of the new
 * namespace where the image has it; without, nothing can listen even to itself.
 */
export function confined(command: readonly string[], cut: boolean): string[] {
  if (!cut) return [...BOUND, ...command];
  const up = 'ip link set lo up 2>/dev/null; exec "$@"';
  return ['unshare', '-n', 'sh', '-c', up, 'sh', ...BOUND, ...command];
}

/** Says, a word a line, what of the image the supervisor can use. */
export const PROBE = [
  'sh',
  '-c',
  [
    'timeout -s KILL 5 true 2>/dev/null && tail -c 1 /dev/null && echo supervise',
    `${BOUND.join(' ')} true 2>/dev/null && echo setpriv`,
    'true',
  ].join('\n'),
];
