import { describe, expect, it } from 'vitest';
import { emptyLock, sealEntry, withEntry } from '../../../src/lock/lock.ts';
import type { LockedKind, ToolsLock } from '../../../src/lock/lock-types.ts';
import type { Provider } from '../../../src/stages/contract/provider.ts';
import { machineKey } from '../../../src/toolchain/installers/release.ts';
import { waysOut, withWaysOut } from '../../../src/toolchain/ways-out.ts';

function provider(kind: Provider['kind'], more: Partial<Provider> = {}): Provider {
  const runtime = kind === 'image' ? 'dagger' : 'local';
  return { name: kind, runtime, kind, package: 'demo-package', bin: 'demo', ...more };
}

function pinned(kind: LockedKind, sources?: number, name: string = kind): ToolsLock {
  const url = 'https://example.org/demo';
  const file = { url, sha256: '0'.repeat(64), ...(sources === undefined ? {} : { sources }) };
  const files = kind === 'release' ? { files: { [machineKey()]: file } } : {};
  const packages =
    kind === 'release' ? [] : [{ name: 'demo', version: '1', hashes: [`sha256:${'0'.repeat(64)}`] }];
  return withEntry(
    emptyLock(),
    'demo',
    name,
    sealEntry({ kind, package: 'demo', version: '1', packages, ...files }),
  );
}

const entry = (providers: readonly Provider[], kind: 'scan' | 'database' = 'scan') => ({
  ...{ kind, providers },
});

describe('ways out of a tool that is unavailable', () => {
  it.each<[string, readonly Provider[], ToolsLock, string]>([
    ['a program on PATH', [provider('path')], emptyLock(), 'put demo on PATH; leave it out with --skip demo'],
    [
      'a package that tools lock can pin',
      [provider('go')],
      emptyLock(),
      'pin it with `secplan tools lock demo --provider go`; leave it out with --skip demo',
    ],
    [
      'a third party that is pinned',
      [provider('path'), provider('pypi', { name: 'repack', thirdParty: 'Ann' })],
      pinned('pypi', undefined, 'repack'),
      'put demo on PATH; accept demo-package, packaged by Ann, with `tools.demo.provider: repack`; leave it out with --skip demo',
    ],
    [
      'a release that one source publishes',
      [provider('release')],
      pinned('release', 1),
      "accept the project's release, whose hash one source publishes, with `tools.demo.provider: release`; leave it out with --skip demo",
    ],
    [
      'a pinned image',
      [provider('image')],
      pinned('image'),
      'run on an engine with --runtime dagger; leave it out with --skip demo',
    ],
  ])('name %s', (_, providers, lock, ways) => {
    expect(waysOut('demo', entry(providers), { lock })).toBe(`Ways out: ${ways}.`);
  });

  it('name nothing that would lead in a circle', () => {
    // Nothing pins a release by name, a third party's package is not pinned unasked, and an unpinned image is another one tomorrow.
    const none = [provider('release'), provider('image'), provider('pypi', { thirdParty: 'Ann' })];
    expect(waysOut('demo', entry(none), { lock: emptyLock() })).toBe('');
    // What was tried already is no way out.
    expect(waysOut('demo', entry([provider('release')]), { lock: pinned('release', 2) })).toBe('');
    expect(waysOut('demo', undefined, { lock: emptyLock() })).toBe('');
  });

  it('do not advise again what was tried, but for a program that PATH lacks', () => {
    const repack = provider('pypi', { name: 'repack', thirdParty: 'Ann' });
    const facts = { lock: pinned('pypi', undefined, 'repack'), tried: ['repack', 'path'] };
    const ways = waysOut('demo', entry([provider('path'), repack]), facts);
    expect(ways).toBe('Ways out: put demo on PATH; leave it out with --skip demo.');
  });

  it('leave out the scanners of a database, not the database', () => {
    expect(waysOut('demo', entry([provider('path')], 'database'), { lock: emptyLock() })).toBe(
      'Ways out: put demo on PATH.',
    );
  });

  it('stand behind what helps against the problem itself, and not beside a file that was changed', () => {
    const path = entry([provider('path')]);
    const help = (code: 'SP4003' | 'SP4004' | 'SP4009' | 'SP4016', fix?: string) =>
      withWaysOut({ code, detail: 'd', ...(fix === undefined ? {} : { fix }) }, 'demo', path, {
        lock: emptyLock(),
      }).fix;
    expect(help('SP4003', 'Install Go.')).toBe(
      'Install Go. Ways out: put demo on PATH; leave it out with --skip demo.',
    );
    expect(help('SP4003')).toMatch(/^Ways out/);
    expect([help('SP4004'), help('SP4009', 'Install it again.'), help('SP4016')]).toEqual([
      undefined,
      'Install it again.',
      undefined,
    ]);
  });
});
