import { Worker } from 'node:worker_threads';

/** CUE's own version, as built into the wasm. */
export const CUE_VERSION = '0.17.1';

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MEMORY_BYTES = 512 * 1024 * 1024;
const DEFAULT_OUTPUT_BYTES = 16 * 1024 * 1024;
/** Stack of the worker: what CUE's recursive parser and evaluator may use. */
const STACK_MB = 64;

/** @type {Map<number, WebAssembly.Module>} compiled once per process and memory limit */
const compiled = new Map();

/**
 * Evaluates CUE files unified with each other and exports the result as JSON, as `cue export` does.
 * The first file is the manifest: its places are preferred over those of the others. A failure is a value.
 * @type {typeof import('./index.d.mts').exportCue}
 */
export async function exportCue(files, options = {}) {
  if (Object.keys(files).length === 0) throw new TypeError('no file was given');
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const maxMemoryBytes = options.maxMemoryBytes ?? DEFAULT_MEMORY_BYTES;
  const request = {
    files: Object.entries(files),
    definition: options.definition ?? '',
    maxOutputBytes: options.maxOutputBytes ?? DEFAULT_OUTPUT_BYTES,
  };
  const input = new TextEncoder().encode(JSON.stringify(request));
  const answer = await runWorker({ input, maxMemoryBytes, module: compiled.get(maxMemoryBytes) }, timeoutMs);
  if (answer.module) compiled.set(maxMemoryBytes, answer.module);
  switch (answer.reason) {
    case undefined:
      return JSON.parse(answer.output);
    case 'timeout':
      return { ok: false, reason: 'timeout', timeoutMs, errors: [] };
    case 'memory':
      return { ok: false, reason: 'memory', maxMemoryBytes, errors: [] };
    default:
      return { ok: false, reason: 'crash', detail: answer.detail, errors: [] };
  }
}

/**
 * @param {{ input: Uint8Array, maxMemoryBytes: number, module: WebAssembly.Module | undefined }} workerData
 * @param {number} timeoutMs
 * @returns {Promise<any>} what the worker says, or that it was stopped
 */
function runWorker(workerData, timeoutMs) {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./worker.mjs', import.meta.url), {
      workerData,
      env: {},
      argv: [],
      execArgv: [],
      resourceLimits: { stackSizeMb: STACK_MB },
    });
    const finish = (/** @type {any} */ answer) => {
      clearTimeout(timer);
      resolve(answer);
      void worker.terminate();
    };
    const timer = setTimeout(() => finish({ reason: 'timeout' }), timeoutMs);
    worker.once('message', finish);
    worker.once('error', (/** @type {any} */ error) => {
      const memory = error?.code === 'ERR_WORKER_OUT_OF_MEMORY';
      finish({ reason: memory ? 'memory' : 'crash', detail: String(error?.message ?? error) });
    });
    worker.once('exit', (code) => finish({ reason: 'crash', detail: `worker exit code ${code}` }));
  });
}
