import { SHARED_MEMORY_BYTES } from '../shared/held-limits.ts';
import type { FilteredArch } from '../shared/system-calls.ts';
import { FILTER, ROOT, STREAMS } from './places.ts';

/** What a step is shut in with: the base image's own programs, in a container with all capabilities, none of which are left to the tool. */
export interface Enclosure {
  readonly arch: FilteredArch;
  /** Variables of the image in which the tool lies, where that is not the base image; it then stands at `ROOT`. */
  readonly image?: Readonly<Record<string, string>>;
}

/** How a step ends that could not be shut in: a code for which the engine fails the exec. */
export const NOT_ENCLOSED = 164;
/** Secrets stand under this and their name: whatever that name is, it means nothing to the programs around the tool. */
export const SECRET_PREFIX = 'SECPLAN_SECRET_';

const USER = 1000;
/** Those of programs around the tool, in every image that has them. */
const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * In a mount namespace of the step's own: devices that harm nobody, no settings of the kernel, nothing to write to but /out,
 * /tmp and /dev/shm. The engine gives a container with all capabilities the machine's devices, among them loop devices and kvm.
 * Argument: where the tool's root is, empty for the base image's; then the command.
 */
const SCRIPT = `
root=$1; shift
bind() { mount --bind "$@" || exit ${NOT_ENCLOSED}; }
memory() { mount -t tmpfs -o "$1" secplan "$2" || exit ${NOT_ENCLOSED}; }
ip link set lo up 2>/dev/null
dev=${STREAMS}/dev
mkdir -p "$dev"; memory mode=755,size=64k,nosuid,noexec "$dev"
for each in null zero full random urandom tty; do : >"$dev/$each"; bind "/dev/$each" "$dev/$each"; done
mkdir "$dev/pts" "$dev/shm"; bind /dev/pts "$dev/pts"
ln -s pts/ptmx "$dev/ptmx"; ln -s /proc/self/fd "$dev/fd"
ln -s fd/0 "$dev/stdin"; ln -s fd/1 "$dev/stdout"; ln -s fd/2 "$dev/stderr"
memory mode=1777,size=${SHARED_MEMORY_BYTES},nosuid,nodev "$dev/shm"
mount --move "$dev" /dev && mount -o remount,bind,ro /dev || exit ${NOT_ENCLOSED}
for each in sys sysrq-trigger irq bus fs; do [ ! -e "/proc/$each" ] || bind -o ro "/proc/$each" "/proc/$each"; done
for each in keys key-users; do [ ! -e "/proc/$each" ] || bind /dev/null "/proc/$each"; done
memory ro,mode=555,size=4k /sys
for each in /out /tmp ${STREAMS}; do bind "$each" "$each"; done
if [ -n "$root" ]; then
  # A link in an image must not lead a mount elsewhere.
  for each in /src /out /tmp /assets /artifacts /proc /dev /sys /etc; do
    [ -e "$each" ] || continue
    [ ! -L "$root$each" ] && mkdir -p "$root$each" || exit ${NOT_ENCLOSED}
    [ "$each" = /etc ] || mount --rbind "$each" "$root$each" || exit ${NOT_ENCLOSED}
  done
  for each in /etc/hosts /etc/resolv.conf; do
    rm -f "$root$each"; : >"$root$each" && bind "$each" "$root$each"
  done
  mount -o remount,bind,ro "$root" || exit ${NOT_ENCLOSED}
fi
mount -o remount,bind,ro / || exit ${NOT_ENCLOSED}
exec "$@"
`.trim();

/** Of system calls that Perl has no function for. */
const CALLS = {
  x64: { prctl: 157, setgroups: 116, setresgid: 119, setresuid: 117, capset: 126, seccomp: 317 },
  arm64: { prctl: 167, setgroups: 159, setresgid: 149, setresuid: 147, capset: 91, seccomp: 277 },
} as const satisfies Readonly<Record<FilteredArch, object>>;

/**
 * Becomes the tool: in its root, as another user without capabilities and without a way to new ones, under the filter. The
 * environment is only what it is given: what a tree, a tool or an image sets must not reach a program with rights.
 * Arguments: the root, variables up to `--`, the command.
 */
function becoming(arch: FilteredArch): string {
  const call = CALLS[arch];
  return `
sub must { $_[1] or do { print STDERR "secplan: $_[0]: $!\\n"; exit 126 } }
my $root = shift;
must("filter", open my $file, "<", "${FILTER}");
my $filter = pack "H*", <$file>;
close $file;
my %env = map { /^${SECRET_PREFIX}(.+)/s ? ($1 => $ENV{$_}) : () } keys %ENV;
while (@ARGV and (my $each = shift) ne "--") { my ($name, $value) = split /=/, $each, 2; $env{$name} = $value }
must("root", length $root ? chroot $root : 1);
must("folder", chdir("/src") || chdir "/");
for (0 .. 63) { syscall(${call.prctl}, 24, $_, 0, 0, 0) == 0 or last }
must("groups", syscall(${call.setgroups}, 0, 0) == 0);
must("group", syscall(${call.setresgid}, ${USER}, ${USER}, ${USER}) == 0);
must("user", syscall(${call.setresuid}, ${USER}, ${USER}, ${USER}) == 0);
my ($version, $none) = (pack("LL", 0x20080522, 0), pack("L6", (0) x 6));
must("capabilities", syscall(${call.capset}, $version, $none) == 0);
must("privileges", syscall(${call.prctl}, 38, 1, 0, 0, 0) == 0);
my $program = pack "S x6 P", length($filter) / 8, $filter;
must("system calls", syscall(${call.seccomp}, 1, 0, $program) == 0);
%ENV = %env;
exec { $ARGV[0] } @ARGV;
exit($! == 2 ? 127 : 126);
`.trim();
}

export interface Enclosed {
  readonly cut: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  /** Puts what holds the limits around a command. */
  readonly supervise: (command: readonly string[]) => readonly string[];
}

/** The argv of an exec with all capabilities that runs a command without any. `ip` brings up a loopback device where the image has it. */
export function enclosed(within: Enclosure, { cut, env, command, supervise }: Enclosed): string[] {
  const root = within.image === undefined ? '' : ROOT;
  const variables = Object.entries({ ...within.image, ...env }).map(([name, value]) => `${name}=${value}`);
  const become = ['perl', '-e', becoming(within.arch), '--', root, ...variables.sort(), '--', ...command];
  return [
    ...['env', `PATH=${SYSTEM_PATH}`, 'unshare', '--mount', ...(cut ? ['--net'] : [])],
    ...['sh', '-c', SCRIPT, 'secplan', root, ...supervise(become)],
  ];
}
