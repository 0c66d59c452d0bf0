import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toolsDir } from '../../../src/toolchain/shared/store.ts';
import { ROOT } from '../../e2e/workspace.ts';

/** Runs a tool as its user does, without secplan, on a folder: the files in which it finds something, relative. */
export type ByHand = (dir: string, out: string) => readonly string[];

/** Tools with reports that name files, by stage. `out` is a folder outside of the scanned one. */
export const BY_HAND: Readonly<Record<string, ByHand>> = {
  ruff: (dir) =>
    json<{ filename: string }[]>(
      start('ruff', dir, ['check', '--select', 'S', '--isolated', '--output-format', 'json', '.']),
    ).map(({ filename }) => filename),
  bandit: (dir) =>
    json<{ results: { filename: string }[] }>(
      start('bandit', dir, ['-r', '-q', '-f', 'json', '.']),
    ).results.map(({ filename }) => filename),
  flawfinder: (dir) => places(start('flawfinder', dir, ['--sarif', '.'])),
  cppcheck: (dir, out) => {
    const report = join(out, 'cppcheck.xml');
    start('cppcheck', dir, ['--xml', `--output-file=${report}`, '.']);
    return [
      ...readFileSync(report, 'utf8').matchAll(/id="arrayIndexOutOfBounds".*?<location file="([^"]*)"/gs),
    ].map(([, file = '']) => file);
  },
  gitleaks: (dir, out) => {
    const report = join(out, 'gitleaks.json');
    start('gitleaks', dir, ['dir', '.', '-f', 'json', '-r', report]);
    return json<{ File: string }[]>(readFileSync(report, 'utf8')).map(({ File }) => File);
  },
  'detect-secrets': (dir) =>
    Object.keys(
      json<{ results: object }>(start('detect-secrets', dir, ['scan', '--all-files', '.'])).results,
    ),
  zizmor: (dir) =>
    places(start('zizmor', dir, ['--offline', '--no-config', '--collect=all', '--format', 'sarif', '.'])),
  opengrep: (dir) => {
    const rules = join(ROOT, 'rules/secplan.yaml');
    const said = start('semgrep', dir, [
      ...[
        'scan',
        '--metrics=off',
        '--disable-version-check',
        '--no-git-ignore',
        '--config',
        rules,
        '--json',
        '.',
      ],
    ]);
    return json<{ results: { path: string }[] }>(said).results.map(({ path }) => path);
  },
  'trivy-fs': (dir, out) => {
    const report = join(out, 'trivy.json');
    start('trivy', dir, [
      ...[
        'fs',
        '--scanners',
        'misconfig,secret',
        '--skip-check-update',
        '--offline-scan',
        '--skip-version-check',
      ],
      ...['--cache-dir', join(out, 'trivy'), '-f', 'json', '-o', report, '.'],
    ]);
    const { Results } = json<{ Results: { Target: string; Secrets?: object; Misconfigurations?: object }[] }>(
      readFileSync(report, 'utf8'),
    );
    return Results.flatMap(({ Target, Secrets, Misconfigurations }) =>
      (Secrets ?? Misconfigurations) ? [Target] : [],
    );
  },
  checkov: (dir) => {
    const said = start('checkov', dir, [
      ...[
        '-d',
        '.',
        '-o',
        'json',
        '--skip-download',
        '--compact',
        '--framework',
        'terraform',
        'dockerfile',
        'kubernetes',
      ],
    ]);
    type Framework = { results: { failed_checks: { file_path: string }[] } };
    return [json<Framework | Framework[]>(said)]
      .flat()
      .flatMap(({ results }) => results.failed_checks.map(({ file_path }) => file_path.replace(/^\//, '')));
  },
};

/** What it prints. @throws where the tool store does not have the program */
function start(bin: string, dir: string, args: readonly string[]): string {
  const [program] = globSync(`${toolsDir(process.env)}/*/*/*/bin/${bin}`)
    .sort()
    .reverse();
  if (program === undefined) throw new Error(`${bin} is not in the tool store`);
  const env = {
    ...process.env,
    PATH: `${dirname(program)}:${process.env.PATH}`,
    SSL_CERT_FILE: join(ROOT, 'src/stages/opengrep/assets/no-authority.pem'),
  };
  return spawnSync(program, args, { cwd: dir, encoding: 'utf8', maxBuffer: 2 ** 30, env }).stdout;
}

function json<T>(text: string): T {
  return JSON.parse(text) as T;
}

function places(sarif: string): string[] {
  type Result = { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] };
  const { runs } = json<{ runs: { results: Result[] }[] }>(sarif);
  const found = runs.flatMap(({ results }) => results).flatMap(({ locations }) => locations);
  return found.map(({ physicalLocation }) => decodeURIComponent(physicalLocation.artifactLocation.uri));
}
