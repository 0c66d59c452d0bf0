import { availableParallelism } from 'node:os';
import type { Attack } from './attack-rig.ts';

const MIB = 2 ** 20;
const limit = (failure: { readonly reason: string; readonly [fact: string]: unknown }) => ({
  ok: false,
  failure,
});

/** What a scanner takes too much of, and how the stage then ends. Each would end with exit code 0 where nobody looks. */
export const GREEDY: readonly (readonly [name: string, attack: Attack, end: ReturnType<typeof limit>])[] = [
  [
    '60,000 files in /out',
    { text: `perl -e 'for (1..60000) { open my $f, ">", "/out/$_" or die }'` },
    limit({ reason: 'file-limit', folder: '/out', limit: 50_000 }),
  ],
  [
    '5 GB in /out',
    { text: 'for n in 1 2 3 4 5; do fallocate -l 1000M /out/$n || exit 9; done' },
    limit({ reason: 'disk-limit', folder: '/out', limitBytes: 4 * 2 ** 30 }),
  ],
  [
    '5 GB in files without a name',
    {
      text: 'for n in 3 4 5 6 7; do eval "exec $n>/out/x"; rm /out/x; fallocate -l 1000M /proc/self/fd/$n || exit 9; done; exec sleep 1000',
    },
    limit({ reason: 'disk-limit', folder: '/out', limitBytes: 4 * 2 ** 30 }),
  ],
  [
    'files in a folder that nobody can list',
    {
      text: 'mkdir -p /out/a; cd /out/a; n=0; while [ $n -lt 50 ]; do d=$(printf %0100d 0); mkdir $d; cd $d; n=$((n+1)); done',
    },
    limit({ reason: 'file-limit', folder: '/out', limit: 50_000 }),
  ],
  [
    '17 GB in a /tmp that steps share',
    { steps: 2, text: 'n=0; while [ $n -lt 17 ]; do n=$((n+1)); fallocate -l 1000M /tmp/$n || exit 9; done' },
    limit({ reason: 'disk-limit', folder: '/tmp', limitBytes: 16 * 2 ** 30 }),
  ],
  [
    'memory in /dev/shm',
    { memoryMb: 100, text: 'head -c 200M /dev/zero > /dev/shm/x; exec sleep 1000' },
    limit({ reason: 'memory', limitBytes: 100 * MIB }),
  ],
  [
    'memory in /tmp',
    { memoryMb: 100, text: 'head -c 200M /dev/zero > /tmp/x; exec sleep 1000' },
    limit({ reason: 'memory', limitBytes: 100 * MIB }),
  ],
  [
    'memory of its own and in /dev/shm together',
    {
      memoryMb: 300,
      text: 'head -c 200M /dev/zero > /dev/shm/x; exec python3 -c "x = bytearray(200 << 20); import time; time.sleep(1000)"',
    },
    limit({ reason: 'memory', limitBytes: 300 * MIB }),
  ],
  [
    '1,500 processes',
    {
      // The kernel refuses it the rest.
      text: 'n=0; while [ $n -lt 1500 ]; do n=$((n+1)); sleep 1000 & done 2>/dev/null; wait',
    },
    limit({ reason: 'process-limit', limit: 1_024 + 64 * availableParallelism() }),
  ],
  [
    '1,500 threads',
    {
      text: `exec python3 -c "
import threading, time
for n in range(1500):
    try: threading.Thread(target=time.sleep, args=(1000,)).start()
    except RuntimeError: time.sleep(1000)
"`,
    },
    limit({ reason: 'process-limit', limit: 1_024 + 64 * availableParallelism() }),
  ],
  [
    'more files than its manifest allows',
    { limits: { files: 100 }, text: `perl -e 'for (1..200) { open my $f, ">", "/out/$_" or die }'` },
    limit({ reason: 'file-limit', folder: '/out', limit: 100 }),
  ],
  [
    'more bytes than its manifest allows',
    { limits: { outputMb: 10 }, text: 'for n in 1 2 3 4; do head -c 4M /dev/zero > /out/$n || exit 9; done' },
    limit({ reason: 'disk-limit', folder: '/out', limitBytes: 10 * MIB }),
  ],
  [
    'a file larger than its manifest allows',
    { limits: { outputMb: 10 }, text: 'head -c 20M /dev/zero > /out/x' },
    limit({ reason: 'output-too-large', output: 'x', limitBytes: 10 * MIB }),
  ],
  [
    'more processes than its manifest allows',
    { limits: { processes: 40 }, text: 'n=0; while [ $n -lt 60 ]; do n=$((n+1)); sleep 1000 & done; wait' },
    limit({ reason: 'process-limit', limit: 40 }),
  ],
];
