// Builds cue.wasm.zst from go/ and writes wasm.sha256. The same Go gives the same bytes, wherever it is run.
// `--check` builds and compares with wasm.sha256 instead of writing.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, zstdCompressSync } from 'node:zlib';
import { addMemoryLimit } from './src/memory-limit.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const toolchain = /^toolchain (\S+)$/m.exec(readFileSync(join(here, 'go/go.mod'), 'utf8'))?.[1];
const folder = mkdtempSync(join(tmpdir(), 'secplan-cue-'));
try {
  const out = join(folder, 'cue.wasm');
  const settings = {
    GOOS: 'wasip1',
    GOARCH: 'wasm',
    GOWASM: '',
    GOEXPERIMENT: '',
    GOFLAGS: '',
    GOWORK: 'off',
  };
  execFileSync(
    'go',
    ['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w -buildid=', '-o', out, '.'],
    {
      cwd: join(here, 'go'),
      env: { ...process.env, ...settings, GOTOOLCHAIN: toolchain, CGO_ENABLED: '0' },
      stdio: 'inherit',
    },
  );
  const wasm = addMemoryLimit(readFileSync(out), 512 * 1024 * 1024);
  const sum = createHash('sha256').update(wasm).digest('hex');
  if (process.argv.includes('--check')) {
    const same = readFileSync(join(here, 'wasm.sha256'), 'utf8').startsWith(`${sum}  cue.wasm\n`);
    console.log(`${sum}  ${same ? 'as recorded' : 'NOT as recorded'}`);
    process.exitCode = same ? 0 : 1;
  } else {
    const packed = zstdCompressSync(wasm, {
      params: { [constants.ZSTD_c_compressionLevel]: 19 },
    });
    // Two sums: how tightly zstd packs depends on its version, so a rebuild is held to the first one.
    const lines = `${sum}  cue.wasm\n${createHash('sha256').update(packed).digest('hex')}  cue.wasm.zst\n`;
    writeFileSync(join(here, 'cue.wasm.zst'), packed);
    writeFileSync(join(here, 'wasm.sha256'), lines);
    console.log(`${lines}${wasm.length} bytes, packed ${packed.length}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
