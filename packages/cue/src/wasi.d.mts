/** Thrown through the wasm frames by proc_exit; `code` is the program's exit code. */
export class Exit extends Error {
  constructor(code: number);
  code: number;
}
/** Imports for a WebAssembly.Module, reading `input` as standard input; `environment` is `NAME=value`. */
export function createWasi(
  module: object,
  input: Uint8Array,
  environment: string[],
): {
  imports: { wasi_snapshot_preview1: Record<string, (...args: number[]) => number> };
  link: { memory?: object };
  written: Uint8Array[][];
};
