/**
 * The few calls of WASI preview 1 that Go's runtime needs, over two buffers: standard input and output. There is no
 * file system behind them: every call not named here answers "not supported".
 */

const SUCCESS = 0;
const BAD_DESCRIPTOR = 8;
const NOT_SUPPORTED = 58;

/** Thrown through the wasm frames by proc_exit; `code` is the program's exit code. */
export class Exit extends Error {
  /** @param {number} code */
  constructor(code) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/**
 * Imports for `module`, reading `input` as standard input. `exports` must be given the instance's exports before use.
 * @param {WebAssembly.Module} module
 * @param {Uint8Array} input
 * @param {string[]} environment `NAME=value`
 */
export function createWasi(module, input, environment) {
  /** @type {{ memory?: WebAssembly.Memory }} */
  const link = {};
  /** @type {Uint8Array[][]} standard input (unused), output and error */
  const written = [[], [], []];
  let read = 0;
  let seed = 1;
  const view = () => new DataView(/** @type {WebAssembly.Memory} */ (link.memory).buffer);
  const bytes = () => new Uint8Array(/** @type {WebAssembly.Memory} */ (link.memory).buffer);
  const variables = environment.map((entry) => new TextEncoder().encode(`${entry}\0`));

  /**
   * @param {number} list
   * @param {number} count
   * @param {(part: Uint8Array) => number} each how much of the part was used
   */
  function vectors(list, count, each) {
    let total = 0;
    for (let i = 0; i < count; i++) {
      const at = view().getUint32(list + 8 * i, true);
      const size = view().getUint32(list + 8 * i + 4, true);
      const used = each(bytes().subarray(at, at + size));
      total += used;
      if (used < size) break;
    }
    return total;
  }

  /** @type {Record<string, (...args: any[]) => number>} */
  const calls = {
    args_sizes_get: (count, size) => put(count, 0, size, 0),
    args_get: () => SUCCESS,
    environ_sizes_get: (count, size) =>
      put(
        count,
        variables.length,
        size,
        variables.reduce((sum, entry) => sum + entry.length, 0),
      ),
    environ_get(list, text) {
      for (const entry of variables) {
        view().setUint32(list, text, true);
        bytes().set(entry, text);
        list += 4;
        text += entry.length;
      }
      return SUCCESS;
    },
    // Only the monotonic clock runs: the date is no input of an evaluation.
    clock_time_get(id, _precision, out) {
      view().setBigUint64(out, id === 1 ? BigInt(Math.round(performance.now() * 1e6)) : 0n, true);
      return SUCCESS;
    },
    // Fixed, so that whatever depends on the seeds of Go's maps is the same in every run.
    random_get(at, size) {
      const target = bytes().subarray(at, at + size);
      for (let i = 0; i < target.length; i++) {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        target[i] = seed >>> 24;
      }
      return SUCCESS;
    },
    fd_read(fd, list, count, out) {
      if (fd !== 0) return BAD_DESCRIPTOR;
      const total = vectors(list, count, (part) => {
        const chunk = input.subarray(read, read + part.length);
        part.set(chunk);
        read += chunk.length;
        return chunk.length;
      });
      view().setUint32(out, total, true);
      return SUCCESS;
    },
    fd_write(fd, list, count, out) {
      const target = fd === 1 || fd === 2 ? written[fd] : undefined;
      if (target === undefined) return BAD_DESCRIPTOR;
      const total = vectors(list, count, (part) => {
        target.push(part.slice());
        return part.length;
      });
      view().setUint32(out, total, true);
      return SUCCESS;
    },
    fd_fdstat_get(fd, out) {
      if (fd > 2) return BAD_DESCRIPTOR;
      bytes().fill(0, out, out + 24);
      view().setUint8(out, 2); // A character device; all rights.
      view().setBigUint64(out + 8, 0xffffffffffffffffn, true);
      return SUCCESS;
    },
    fd_fdstat_set_flags: () => SUCCESS,
    // No folder is opened beforehand.
    fd_prestat_get: () => BAD_DESCRIPTOR,
    sched_yield: () => SUCCESS,
    // A sleep of the scheduler: answer that the one subscription (a clock) has fired.
    poll_oneoff(subscriptions, events, count, out) {
      bytes().fill(0, events, events + 32 * count);
      for (let i = 0; i < count; i++) {
        view().setBigUint64(events + 32 * i, view().getBigUint64(subscriptions + 48 * i, true), true);
      }
      view().setUint32(out, count, true);
      return SUCCESS;
    },
    proc_exit(code) {
      throw new Exit(code);
    },
  };

  /** @param {number} a @param {number} b @param {number} c @param {number} d */
  function put(a, b, c, d) {
    view().setUint32(a, b, true);
    view().setUint32(c, d, true);
    return SUCCESS;
  }

  /** @type {Record<string, (...args: any[]) => number>} */
  const imports = {};
  for (const { name } of WebAssembly.Module.imports(module))
    imports[name] = calls[name] ?? (() => NOT_SUPPORTED);
  return { imports: { wasi_snapshot_preview1: imports }, link, written };
}
