import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './measure.ts';

export const STAGES = 60;
const FOLDERS = 10;

const REPORT = JSON.stringify({
  $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
  version: '2.1.0',
  runs: [
    {
      tool: { driver: { name: 'trivial', version: '1.0.0' } },
      invocations: [{ executionSuccessful: true }],
      results: [],
    },
  ],
});

/**
 * A monorepo of 60 packages in git. In every package one task reads the package's files and copies a report: as a
 * custom stage for secplan, as the script `scan` for the others, with the same files as inputs.
 */
export function writeTaskWorkspace(root: string, files: number): void {
  const names = packages();
  const write = (path: string, content: unknown): void => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
  };
  write('.gitignore', 'build/\nnode_modules\n.turbo/\n.nx/\n.wireit/\nout.json\n*.log\n.lage/\n');
  write('secplan.json', {
    apiVersion: 'secplan/v1',
    metadata: { name: 'bench' },
    tools: {
      custom: Object.fromEntries(
        names.map((name) => [
          name,
          {
            command: ['cat', `packages/${name}/report.json`],
            inputs: [`packages/${name}/**`],
            report: 'sarif',
          },
        ]),
      ),
    },
    profiles: { bench: { tools: { enable: names } } },
  });
  write('package.json', {
    name: 'bench',
    private: true,
    version: '1.0.0',
    packageManager: 'npm@10.0.0',
    workspaces: ['packages/*'],
    scripts: { scan: 'wireit' },
    wireit: { scan: { dependencies: names.map((name) => `./packages/${name}:wire`) } },
  });
  write('package-lock.json', lockFile(names));
  write('turbo.json', {
    $schema: 'https://turborepo.com/schema.json',
    tasks: { scan: { outputs: ['out.json'] } },
  });
  write('nx.json', {
    targetDefaults: {
      scan: { cache: true, inputs: ['{projectRoot}/**/*'], outputs: ['{projectRoot}/out.json'] },
    },
    analytics: false,
    neverConnectToCloud: true,
  });
  write(
    'lage.config.js',
    "module.exports = { pipeline: { scan: { outputs: ['out.json'] } }, npmClient: 'npm', cacheOptions: { outputGlob: ['out.json'] } };\n",
  );
  for (const name of names) {
    write(`packages/${name}/report.json`, REPORT);
    write(`packages/${name}/package.json`, {
      name,
      version: '1.0.0',
      private: true,
      scripts: { scan: 'cp report.json out.json', wire: 'wireit' },
      wireit: {
        wire: { command: 'cp report.json out.json', files: ['src/**', 'report.json'], output: ['out.json'] },
      },
    });
  }
  const rest = files - 2 * STAGES - 7;
  for (let index = 0; index < rest; index += 1) {
    const folder = Math.floor(index / STAGES) % FOLDERS;
    write(`packages/${names[index % STAGES]}/src/d${folder}/f${index}.py`, `x = ${index}\n`.repeat(20));
  }
  const git = ['git', '-c', 'user.name=bench', '-c', 'user.email=bench@example.org', '-c', 'gc.auto=0'];
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    ['commit', '-q', '-m', 'bench'],
  ]) {
    run({ argv: [...git, ...args], cwd: root });
  }
}

function packages(): string[] {
  return Array.from({ length: STAGES }, (_, index) => `p${String(index).padStart(2, '0')}`);
}

/** Changes an input of every stage. */
export function touchTasks(root: string, salt: string): void {
  for (const name of packages()) writeFileSync(join(root, 'packages', name, 'salt.txt'), salt);
}

/** npm's lock file, which some of the peers read for the graph of packages. */
function lockFile(names: readonly string[]): unknown {
  const packages: Record<string, unknown> = {
    '': { name: 'bench', version: '1.0.0', workspaces: ['packages/*'] },
  };
  for (const name of names) {
    packages[`node_modules/${name}`] = { resolved: `packages/${name}`, link: true };
    packages[`packages/${name}`] = { name, version: '1.0.0' };
  }
  return { name: 'bench', version: '1.0.0', lockfileVersion: 3, requires: true, packages };
}
