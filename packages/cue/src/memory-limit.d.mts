/** A copy of a wasm binary whose memory has a maximum, in bytes. */
export function addMemoryLimit(binary: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer>;
/** Sets that maximum in place. RangeError if the program needs more to start. */
export function setMemoryLimit(binary: Uint8Array, maxBytes: number): void;
