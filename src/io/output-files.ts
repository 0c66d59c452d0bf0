import { fstatSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** Identifies a file or a pipe: device and inode, with a colon between them. */
export type FileIdentity = `${bigint}:${bigint}`;

/** @param stat of `lstat` or `fstat` with `bigint` */
export function fileIdentity({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): FileIdentity {
  return `${dev}:${ino}`;
}

const OUTPUTS = [1, 2];
const MAX_ANCESTORS = 32;
const WRITABLE = 0o200;
const READABLE = 0o400;

/**
 * The regular files that this process's output goes to: stdout and stderr themselves (`> scan.log`) and what the programs behind a
 * pipe write (`| tee scan.log`), through further pipes too. The shell starts those programs beside this process or an ancestor of
 * it; they are found through /proc, so that elsewhere only the former are known.
 */
export function outputFiles(proc = '/proc'): ReadonlySet<FileIdentity> {
  const files = new Set<FileIdentity>();
  const pipes: string[] = [];
  for (const descriptor of OUTPUTS) {
    const stat = quietly(() => fstatSync(descriptor, { bigint: true }));
    if (stat?.isFile()) files.add(fileIdentity(stat));
    const link = stat?.isFIFO() ? linkOf(`${proc}/self/fd/${descriptor}`) : undefined;
    if (link !== undefined) pipes.push(link);
  }
  if (pipes.length === 0) return files;
  const others = neighbors(proc).map((pid) => linksIn(`${proc}/${pid}/fd`));
  // The loop ends: each turn takes one more of the finitely many pipes that lead on.
  for (let at = 0; at < pipes.length; at++) {
    const pipe = pipes[at] ?? '';
    for (const links of others) {
      if (!links.some(([path, link]) => link === pipe && may(path, READABLE))) continue;
      for (const [path, link] of links) {
        if (!may(path, WRITABLE)) continue;
        const stat = quietly(() => statSync(path, { bigint: true }));
        if (stat?.isFile()) files.add(fileIdentity(stat));
        if (stat?.isFIFO() && !pipes.includes(link)) pipes.push(link);
      }
    }
  }
  return files;
}

/** The descriptors of a process: each path below /proc with what it is open on, a path or `pipe:[INODE]`. */
function linksIn(folder: string): readonly (readonly [path: string, link: string])[] {
  return (quietly(() => readdirSync(folder)) ?? []).flatMap((name) => {
    const path = `${folder}/${name}`;
    const link = linkOf(path);
    return link === undefined ? [] : [[path, link] as const];
  });
}

function linkOf(path: string): string | undefined {
  return quietly(() => readlinkSync(path));
}

/** The kernel shows how a descriptor was opened by the mode of its link. */
function may(path: string, bit: number): boolean {
  return ((quietly(() => lstatSync(path))?.mode ?? 0) & bit) !== 0;
}

/** The processes that this one and its ancestors started, but for these themselves. (`> >(tee FILE)` makes tee a child of this one.) */
function neighbors(proc: string): readonly string[] {
  const line = new Set<string>();
  const found = new Set<string>();
  let pid = String(process.pid);
  for (let depth = 0; depth < MAX_ANCESTORS && !line.has(pid) && pid !== '0'; depth++) {
    line.add(pid);
    const children = quietly(() => readFileSync(`${proc}/${pid}/task/${pid}/children`, 'latin1'));
    for (const child of children?.trim().split(' ') ?? []) if (child !== '') found.add(child);
    const stat = quietly(() => readFileSync(`${proc}/${pid}/stat`, 'latin1'));
    pid = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? '0';
  }
  return [...found].filter((child) => !line.has(child));
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    // The process has ended, or belongs to another user.
    return undefined;
  }
}
