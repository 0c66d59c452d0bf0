/** Folders that are left out by their name alone. Never applied to files that git tracks. */
const ALWAYS: ReadonlySet<string> = new Set([
  // Version control.
  '.git',
  '.hg',
  '.svn',
  '.bzr',
  '.jj',
  // Dependencies.
  'node_modules',
  'bower_components',
  'jspm_packages',
  '.pnpm-store',
  '__pypackages__',
  'site-packages',
  '.terraform',
  // Virtual environments.
  '.venv',
  '.direnv',
  '.tox',
  '.nox',
  // Build.
  '.eggs',
  '.next',
  '.nuxt',
  '.svelte-kit',
  // Caches.
  '.cache',
  '__pycache__',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
  '.hypothesis',
  '.ipynb_checkpoints',
  '.gradle',
  '.parcel-cache',
  '.turbo',
  '.nx',
  '.angular',
  '.sass-cache',
  '.nyc_output',
  '.terragrunt-cache',
]);

/**
 * Folders whose name says it only beside a certain file. Never applied to files that git tracks: someone wrote
 * those, and a marker slipped into a pull request must not hide sources.
 */
const BESIDE: ReadonlyMap<string, readonly string[]> = new Map([
  ['target', ['Cargo.toml', 'pom.xml', 'build.sbt']],
  [
    'build',
    ['build.gradle', 'build.gradle.kts', 'setup.py', 'pyproject.toml', 'package.json', 'CMakeLists.txt'],
  ],
  ['dist', ['package.json', 'setup.py', 'pyproject.toml']],
  ['vendor', ['go.mod', 'composer.json', 'Gemfile']],
  ['Pods', ['Podfile']],
]);

/** Files that say of the folder they lie in that it is a virtual environment or a cache; untracked ones only. */
export const FOLDER_MARKERS: readonly string[] = ['pyvenv.cfg', 'CACHEDIR.TAG'];

/** Whether a folder of this name is always left out. */
export function isAlwaysLeftOut(name: string): boolean {
  return ALWAYS.has(name);
}

/** Whether an untracked folder is left out for its name and what lies beside it. */
export function isLeftOutBeside(name: string, hasSibling: (sibling: string) => boolean): boolean {
  return BESIDE.get(name)?.some(hasSibling) ?? false;
}
