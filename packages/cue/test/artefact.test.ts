import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { setMemoryLimit } from '../src/memory-limit.mjs';
import { createWasi } from '../src/wasi.mjs';

interface Memory {
  buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What these tests use of it; the compiler is not given the browser's types. */
const { Module, Instance } = Reflect.get(globalThis, 'WebAssembly') as {
  Module: { new (binary: Uint8Array): object; imports(module: object): { module: string; name: string }[] };
  Instance: new (module: object, imports: object) => { exports: { memory: Memory } };
};

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const packed = read('cue.wasm.zst');
const wasm = zstdDecompressSync(packed);

describe('the committed wasm', () => {
  it('is the recorded one', () => {
    expect(read('wasm.sha256').toString()).toBe(
      `${sha256(wasm)}  cue.wasm\n${sha256(packed)}  cue.wasm.zst\n`,
    );
  });

  it.runIf(process.env.SECPLAN_REBUILD_CUE === '1' && spawnSync('go', ['version']).status === 0)(
    'is what its source builds to',
    () => {
      const build = fileURLToPath(new URL('../build.mjs', import.meta.url));
      const { status, stdout } = spawnSync(process.execPath, [build, '--check'], { encoding: 'utf8' });
      expect([status, stdout]).toEqual([0, `${sha256(wasm)}  as recorded\n`]);
    },
    600_000,
  );

  it('holds no name of what runs commands, embeds or serves', () => {
    // Names that the runtime needs in any case are found: the search works.
    expect(wasm.includes('cuelang.org/go/internal/core/adt')).toBe(true);
    for (const name of [
      'cuelang.org/go/pkg/tool/exec',
      'cuelang.org/go/pkg/tool/file',
      'go/cue/inject/embed',
    ]) {
      expect(wasm.includes(name), name).toBe(false);
    }
  });

  it('can import nothing but the calls of wasi, and those that name a path all fail', () => {
    const module = new Module(wasm);
    const imports = Module.imports(module);
    expect(new Set(imports.map((entry) => entry.module))).toEqual(new Set(['wasi_snapshot_preview1']));
    const wasi = createWasi(module, new Uint8Array(), []).imports.wasi_snapshot_preview1;
    const paths = imports.map((entry) => entry.name).filter((name) => /^path_|^fd_readdir|^sock_/.test(name));
    expect(paths).toContain('path_open');
    for (const name of paths) expect(wasi[name]?.(3, 0, 0, 0, 0), name).toBe(58);
    expect(wasi.fd_prestat_get?.(3, 0)).toBe(8);
  });
});

describe('setMemoryLimit', () => {
  it('is kept by the engine', () => {
    const pages = 200;
    const binary = Uint8Array.from(wasm);
    setMemoryLimit(binary, pages * 65536 + 1);
    const module = new Module(binary);
    const { imports } = createWasi(module, new Uint8Array(), []);
    const memory = new Instance(module, imports).exports.memory;
    const size = memory.buffer.byteLength / 65536;
    memory.grow(pages - size);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });

  it('refuses less than the program starts with', () => {
    expect(() => setMemoryLimit(Uint8Array.from(wasm), 65536)).toThrow(RangeError);
  });
});
