import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ScanRequestOptions } from '../../src/app/contract/scan-option-types.ts';
import type { ScanOutcome } from '../../src/app/contract/scan-types.ts';
import { runScan } from '../../src/app/scan/run-scan.ts';
import type { OnEvent } from '../../src/executor/events.ts';

/** A scanner of the user's own that reports every line with `FIXME`, and lists the files that it read. */
export const SCANNER = `#!/usr/bin/python3 -I
import json, os, sys, urllib.parse
files, results = [], []
for folder, _, names in os.walk('.'):
    for name in names:
        path = os.path.relpath(os.path.join(folder, name), '.')
        if path == 'scan.py':
            continue
        uri = urllib.parse.quote(path)
        files.append({'location': {'uri': uri}})
        with open(path, encoding='utf-8', errors='replace') as lines:
            for number, line in enumerate(lines, 1):
                if 'FIXME' in line:
                    place = {'artifactLocation': {'uri': uri}, 'region': {'startLine': number}}
                    results.append({'ruleId': 'fixme', 'level': 'note', 'message': {'text': 'to fix'},
                                    'locations': [{'physicalLocation': place}]})
key = lambda item: json.dumps(item, sort_keys=True)
run = {'tool': {'driver': {'name': 'fixme'}}, 'artifacts': sorted(files, key=key), 'results': sorted(results, key=key)}
json.dump({'version': '2.1.0', 'runs': [run]}, sys.stdout)
sys.exit(1 if results else 0)
`;

/** An entry of `tools.custom` that starts it. */
export const MINE = { command: ['./scan.py'], report: 'sarif', inputs: ['**'] };

export interface CustomWorld {
  readonly root: string;
  readonly workspace: string;
  readonly exportDir: string;
  write(path: string, text: string): void;
  scan(
    options?: ScanRequestOptions,
    over?: { onEvent?: OnEvent; cacheDir?: string; env?: Readonly<Record<string, string>> },
  ): Promise<ScanOutcome>;
  dispose(): void;
}

export function manifestOf(over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    apiVersion: 'secplan/v1',
    metadata: { name: 'own' },
    tools: { custom: { mine: MINE } },
    profiles: { own: { tools: { enable: ['mine'] } } },
    ...over,
  };
}

/** A workspace that a custom scanner looks at; the export and cache folders lie beside it. */
export function customWorld(manifest: unknown = manifestOf(), file = 'secplan.json'): CustomWorld {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-test-')));
  const workspace = join(root, 'workspace');
  const exportDir = join(root, 'export');
  function write(path: string, text: string): void {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), text);
  }
  write('scan.py', SCANNER);
  chmodSync(join(workspace, 'scan.py'), 0o755);
  write('a.txt', 'one\n');
  write(file, typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  return {
    root,
    workspace,
    exportDir,
    write,
    scan: (options = {}, over = {}) =>
      runScan({
        cwd: workspace,
        env: {
          PATH: '/usr/bin:/bin',
          HOME: root,
          SECPLAN_TOOLS_DIR: join(root, 'tools'),
          SECPLAN_CACHE_DIR: over.cacheDir ?? join(root, 'cache'),
          ...over.env,
        },
        signal: new AbortController().signal,
        onEvent: over.onEvent ?? (() => {}),
        now: Date.now,
        // Whoever writes a test wrote the workspace too; what a stranger's tree may decide has tests of its own.
        options: { profile: 'own', offline: true, exportDir, trustWorkspace: true, ...options },
      }),
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** What is wrong with an export folder: every visible folder is a whole bundle, and `latest` points to one. */
export function halfBundles(exportDir: string): string[] {
  let names: string[];
  try {
    names = readdirSync(exportDir);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const path = join(exportDir, name);
    if (/^\..+\.partial$/.test(name)) return [];
    if (name === 'latest') {
      return names.includes(readlinkSync(path)) ? [] : [`latest points to ${readlinkSync(path)}`];
    }
    if (!lstatSync(path).isDirectory()) return [`${name} is left`];
    const inside = readdirSync(path);
    return ['checksums.txt', 'verdict.json', 'attestation.intoto.json']
      .filter((file) => !inside.includes(file))
      .map((file) => `${name} has no ${file}`);
  });
}
