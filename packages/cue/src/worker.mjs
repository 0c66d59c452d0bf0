import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { zstdDecompressSync } from 'node:zlib';
import { setMemoryLimit } from './memory-limit.mjs';
import { createWasi, Exit } from './wasi.mjs';

/** At least the size of the unpacked binary; being wrong costs time, nothing else. */
const UNPACKED_BYTES = 20 * 1024 * 1024;

/**
 * Runs the program once: `workerData` in, one message out.
 * @param {{ input: Uint8Array, module?: WebAssembly.Module, maxMemoryBytes: number }} data
 */
function run(data) {
  /** @type {WebAssembly.Module} */
  let module;
  try {
    module = data.module ?? compile(data.maxMemoryBytes);
  } catch (error) {
    return { reason: error instanceof RangeError ? 'memory' : 'crash', detail: String(error) };
  }
  // The collector starts to work hard before the hard limit is met.
  const wasi = createWasi(module, data.input, [
    'GOGC=400',
    `GOMEMLIMIT=${Math.floor(data.maxMemoryBytes * 0.8)}`,
  ]);
  const text = (/** @type {number} */ fd) => Buffer.concat(wasi.written[fd] ?? []).toString();
  try {
    const { exports } = new WebAssembly.Instance(module, wasi.imports);
    wasi.link.memory = /** @type {WebAssembly.Memory} */ (exports.memory);
    /** @type {() => void} */ (exports._start)();
  } catch (error) {
    if (!(error instanceof Exit)) {
      const overflow = error instanceof RangeError && /call stack/.test(error.message);
      return {
        module,
        reason: 'crash',
        detail: overflow ? 'nested too deep: the stack overflowed' : String(error),
      };
    }
    if (error.code !== 0) {
      // Go says "out of memory" when growing is refused; it cannot always say why it failed next to the limit.
      const full = /out of memory|cannot allocate memory/.test(text(2));
      const detail = text(2).split('\n', 1)[0] ?? '';
      return { module, reason: full ? 'memory' : 'crash', detail: detail || `exit code ${error.code}` };
    }
  }
  return { module, output: text(1) };
}

/**
 * One short run of a large program: checking all of it, and compiling functions a second time, costs more than it
 * gives back. V8's flags belong to the process, and Node starts workers 40 ms slower while they differ from those it
 * was built with: so they are set in the worker, not before it, and put back after the run.
 * @param {boolean} start true to set, false to put back
 */
function preferStart(start) {
  for (const [flag, on] of Object.entries({
    'tier-up': !start,
    'dynamic-tiering': !start,
    'lazy-validation': start,
  })) {
    setFlagsFromString(`--${on ? '' : 'no-'}wasm-${flag}`);
  }
}

/** @param {number} maxMemoryBytes */
function compile(maxMemoryBytes) {
  const packed = readFileSync(new URL('../cue.wasm.zst', import.meta.url));
  // One chunk as large as the whole: the default makes a thousand and copies them together.
  const binary = zstdDecompressSync(packed, { chunkSize: UNPACKED_BYTES });
  setMemoryLimit(binary, maxMemoryBytes);
  return new WebAssembly.Module(binary);
}

preferStart(true);
const answer = run(workerData);
preferStart(false);
parentPort?.postMessage(answer);
