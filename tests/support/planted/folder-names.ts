/** Folders that some tool leaves out by name, and others that look as if one might: 128, each tracked by git here. */
export const FOLDER_NAMES: readonly string[] = [
  // Version control, and what is left of it.
  ...words('.hg .svn .bzr .jj .fossil CVS _darcs .git-rewrite .github .gitlab .circleci .hooks'),
  // Python.
  ...words(
    'venv .venv env .env virtualenv .pyenv .tox .nox .eggs pkg.egg site-packages __pypackages__ __pycache__',
  ),
  ...words(
    '.mypy_cache .pytest_cache .ruff_cache .pytype .pants.d .hypothesis .ipynb_checkpoints .direnv htmlcov',
  ),
  ...words('_build buck-out pkg.egg-info wheelhouse migrations'),
  // JavaScript and the web.
  ...words(
    'node_modules bower_components jspm_packages .pnpm-store .yarn .npm .next .nuxt .svelte-kit .angular',
  ),
  ...words(
    '.parcel-cache .turbo .nx .nyc_output .sass-cache .serverless coverage public static assets storybook-static',
  ),
  // Other languages.
  ...words(
    'vendor Godeps Pods Carthage .gradle .m2 .cargo target bin obj lib lib64 out pkg classes .stack-work dist-newstyle',
  ),
  ...words('cmake-build-debug .ccls-cache CMakeFiles .dart_tool .bundle deps _deps third_party external'),
  // Infrastructure.
  ...words(
    '.terraform .terragrunt-cache .external_modules charts templates .pulumi cdk.out .aws-sam .vagrant ansible',
  ),
  // Tests and examples.
  ...words(
    'test tests testdata __tests__ spec specs fixtures __fixtures__ __mocks__ e2e example examples samples demo',
  ),
  // Folders of a machine's root.
  ...words('dev proc sys run boot etc opt usr var tmp home root mnt'),
  // Editors, caches and outputs.
  ...words('.vscode .idea .vs .cache .secplan .semgrep log logs backup old build dist docs generated gen'),
];

function words(text: string): string[] {
  return text.split(' ');
}
