import { type HeldLimits, OUT_LIMITS, SCRATCH_LIMITS } from '../shared/held-limits.ts';
import { NOT_ENCLOSED } from './enclose.ts';

/** How a supervised step ended, where not by an exit code that it declares. */
export const SUPERVISED = {
  undeclared: 160,
  memory: 161,
  interrupted: 162,
  timeout: 163,
  notEnclosed: NOT_ENCLOSED,
  processes: 165,
  outFiles: 166,
  outBytes: 167,
  tmpFiles: 168,
  tmpBytes: 169,
} as const;

/** SIGXFSZ: a file grew over its limit. */
export const FILE_TOO_LARGE = 128 + 25;

/** How many steps are sent at a time for each processor: what the engine has in its cache needs none. */
export const STEPS_A_PROCESSOR = 4;

/**
 * The limits of a step whose stage sets none. The engine's machine is not known when that is written down: a key must
 * not depend on how many processors it has.
 */
export const STEP_LIMITS: Omit<HeldLimits, 'fileBytes'> = {
  processes: 1_280,
  out: OUT_LIMITS,
  scratch: SCRATCH_LIMITS,
};
/** So many times more the kernel lets all steps of an engine start together, since to it they are one user's. */
const STEPS_TOGETHER = 8;

const KIB = 1024;
const kib = (bytes: number) => Math.ceil(bytes / KIB);

/**
 * Runs a step inside the container under the limits that the engine's exec does not know. Codes that a step declares
 * are passed on. Every other end is given a code from 128 on, for which the engine fails the exec: it caches what ends
 * with any lower code, and a timeout or a crash must not come out of a cache.
 * Arguments: seconds, KiB of memory, 512-byte blocks a file may have, marker of cancellation, place of the streams,
 * declared codes, the nonce of what must never be cached, limits of processes, and of files and KiB in /out and in /tmp;
 * then the command.
 */
const SCRIPT = `
seconds=$1 kib=$2 blocks=$3 cancel=$4 streams=$5 declared=$6 once=$7 held=$8; shift 8
ulimit -c 0; ulimit -f "$blocks"
# A backstop for what outlives every other limit: never the tighter one.
ulimit -t $((seconds * $(nproc 2>/dev/null || echo 1024) + 10))
processes=\${held%% *}
[ "$(id -u)" != 0 ] || ulimit -u $((processes * ${STEPS_TOGETHER})) 2>/dev/null || ulimit -p $((processes * ${STEPS_TOGETHER})) 2>/dev/null
# The engine's own, which tools might take for their own.
for each in $(env | sed -n 's/^\\(OTEL_[A-Z_]*\\|TRACE[A-Z]*\\|BAGGAGE\\)=.*/\\1/p'); do unset "$each"; done
why=$streams.why; : >"$streams.start"
page=$(getconf PAGESIZE 2>/dev/null || echo 4096)
threads() { set -- /proc/[0-9]*/task/[0-9]*; echo $#; }
# Resident pages count once for each process; only where they are too many the costly look divides what is shared.
memory() {
  used=0
  for each in /proc/[0-9]*/statm; do
    [ -r "$each" ] && read -r _ pages _ <"$each" && used=$((used + pages))
  done
  used=$((used * (page / ${KIB}))) shm=0
  set -- $(df -kP /dev/shm | tail -n 1); shm=\${3:-0}
  [ $((used + shm)) -gt "$kib" ] || return 0
  own=0 shared=0
  while read -r name size _; do
    case $name in Pss:) own=$((own + size));; Pss_Shmem:) shared=$((shared + size)) own=$((own - size));; esac
  done <<EOF
$(cat /proc/[0-9]*/smaps_rollup)
EOF
  [ "$own" -gt 0 ] || own=$used
  [ "$shared" -gt "$shm" ] || shared=$shm
  [ $((own + shared)) -gt "$kib" ] && echo ${SUPERVISED.memory}
}
# Files that were removed and are still open, in blocks of 512 bytes.
nameless() {
  sum=0
  for each in $(find /proc/[0-9]*/fd -lname '/*(deleted)' -exec stat -L -c '%d:%i:%b' {} + | sort -u); do
    sum=$((sum + \${each##*:}))
  done
  echo $((sum / 2))
}
over() {
  set -- "$@" $(find "$1" -xdev | wc -lL) $(du -skx "$1")
  # A path that no program can open is a way to hide files.
  if [ "\${7:-0}" -gt "$2" ] || [ "\${8:-0}" -gt 4000 ]; then echo "$4"
  elif [ $((\${9:-0} + $6)) -gt "$3" ]; then echo "$5"
  else return 1; fi
}
folders() {
  set -- "$1" $held
  over /out "$3" "$4" ${SUPERVISED.outFiles} ${SUPERVISED.outBytes} "$1" ||
  over /tmp "$5" "$6" ${SUPERVISED.tmpFiles} ${SUPERVISED.tmpBytes} "$1"
}
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
    [ "$cancel" -nt "$streams.start" ] && exit ${SUPERVISED.interrupted}
    [ -n "$slot" ] || sleep 0.2 2>/dev/null || sleep 1
  done
fi
began=$(date +%s) before=$(threads)
timeout -s KILL "$seconds" "$@" </dev/null >"$streams.stdout" 2>"$streams.stderr" 9>&- &
tool=$!
{
  rest=0
  while kill -0 "$tool" && sleep 1; do
    said=$(memory)
    [ $(($(threads) - before)) -gt "$processes" ] && said=${SUPERVISED.processes}
    # Looking at many files takes long, and is done less often.
    rest=$((rest - 1))
    if [ "$rest" -le 0 ]; then
      from=$(date +%s); said=\${said:-$(folders "$(nameless)")}; rest=$((20 * ($(date +%s) - from)))
    fi
    [ "$cancel" -nt "$streams.start" ] && said=${SUPERVISED.interrupted}
    [ -n "$said" ] || continue
    echo "$said" >"$why"
    kill -s KILL -- "-$tool" || kill -KILL "-$tool" || kill -KILL "$tool"
    exit
  done
} >/dev/null 2>&1 &
watch=$!
wait "$tool"; code=$?
kill "$watch" 2>/dev/null
[ "$code" = 137 ] && [ $(($(date +%s) - began)) -ge "$seconds" ] && code=${SUPERVISED.timeout}
[ -s "$why" ] || [ "$code" = ${FILE_TOO_LARGE} ] || folders 0 >"$why" 2>/dev/null
if [ -s "$why" ]; then
  read -r code <"$why"; rm "$why"
  # Nobody reads what it left, and the engine would keep it on its disk.
  find /out /tmp -xdev -mindepth 1 -delete 2>/dev/null
fi
case " $declared " in *" $code "*) exit "$code";; esac
[ -n "$once" ] && [ "$code" -lt 128 ] && exit "$code"
# The engine shows what a command prints, and knows secrets in their plain form only.
[ -z "$once" ] && { tail -c 65536 "$streams.stdout"; tail -c 65536 "$streams.stderr" >&2; }
printf '\\n[secplan: exit %d]\\n' "$code" >&2
[ "$code" -ge 128 ] && exit "$code"
exit ${SUPERVISED.undeclared}
`.trim();

export interface Supervision {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
  readonly limits: HeldLimits;
  /** Path in the container; a file there that is newer than the step's start ends it. */
  readonly cancelMarker: string;
  /** Path in the container without the endings `.stdout` and `.stderr`. */
  readonly streams: string;
  readonly exits: readonly string[];
  /** Differs from run to run for what must not come out of the engine's cache; else empty. */
  readonly nonce: string;
}

/** The argv that runs a command supervised, in any image with `sh`, `timeout` and `tail`. */
export function supervised(of: Supervision, command: readonly string[]): string[] {
  return [
    ...['sh', '-c', SCRIPT, 'secplan'],
    String(Math.max(1, Math.ceil(of.timeoutMs / 1000))),
    String(kib(of.memoryBytes)),
    String(Math.ceil(of.limits.fileBytes / 512)),
    of.cancelMarker,
    of.streams,
    of.exits.join(' '),
    of.nonce,
    heldText(of.limits),
    ...command,
  ];
}

function heldText({ processes, out, scratch }: HeldLimits): string {
  return [processes, out.files, kib(out.bytes), scratch.files, kib(scratch.bytes)].join(' ');
}

const ENDED = /\n?\[secplan: exit (\d+)\]\n?$/;

/** Takes the supervisor's own last line off a step's stderr: the code that it gave way to, and the text before. */
export function readEnd(stderr: string): { readonly code?: number; readonly stderr: string } {
  const match = ENDED.exec(stderr);
  if (match?.[1] === undefined) return { stderr };
  return { code: Number(match[1]), stderr: stderr.slice(0, match.index) };
}
