/** A kind of file, with a flaw that its scanners find. */
export interface FileKind {
  readonly id: string;
  /** Path below a folder of the tree. */
  file(stem: string): string;
  readonly text: string;
  comment(words: string): string;
  /** Stages that read files of the kind and find the flaw. */
  readonly stages: readonly string[];
  /** Texts of the kind that are broken, or harder than a parser expects; the flaw stands in each. */
  readonly hard: Readonly<Record<string, string>>;
}

const hash = (words: string) => `# ${words}`;
const slashes = (words: string) => `// ${words}`;

/** Joined here: a scanner that looks at these sources finds no token in them. */
export const TOKEN = ['ghp', 'x7Kq2mVt9RwLz4Np8bYc6DfGh1JsAe3UoQiC'].join('_');

const PYTHON = `import subprocess, sys
def run(name):
    subprocess.call("echo " + name, shell=True)
`;
const JAVASCRIPT = `const crypto = require('crypto');
module.exports = (x) => crypto.createHash('md5').update(x).digest('hex');
`;
const C = `#include <string.h>
static char b[4];
void f(const char *s) { strcpy(b, s); }
int g(void) { int a[2]; a[0] = 1; a[5] = 1; return a[0]; }
`;
const DOCKERFILE = `FROM debian:latest
USER root
RUN cd /tmp && sudo make
`;
const TERRAFORM = `resource "aws_security_group_rule" "open" {
  type        = "ingress"
  from_port   = 0
  to_port     = 22
  protocol    = "tcp"
  cidr_blocks = ["0.0.0.0/0"]
}
`;
const KUBERNETES = `apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  hostNetwork: true
  containers:
    - name: shop
      image: shop:latest
      securityContext:
        privileged: true
`;
const WORKFLOW = `name: shop
on: pull_request_target
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo \${{ github.event.pull_request.title }}
`;

export const FILE_KINDS: readonly FileKind[] = [
  {
    ...{ id: 'python', file: (stem) => `${stem}.py`, text: PYTHON, comment: hash },
    stages: ['ruff', 'bandit', 'opengrep'],
    hard: {
      syntax: `def (:\n${PYTHON}`,
      terms: `x = ${'1+'.repeat(1200)}1\n${PYTHON}`,
      brackets: `x = ${'['.repeat(150)}${']'.repeat(150)}\n${PYTHON}`,
      'python-2': `print "x"\n${PYTHON}`,
    },
  },
  {
    ...{ id: 'javascript', file: (stem) => `${stem}.js`, text: JAVASCRIPT, comment: slashes },
    stages: ['opengrep'],
    hard: {
      syntax: `function ( {\n${JAVASCRIPT}`,
      brackets: `const x = ${'['.repeat(500)}${']'.repeat(500)};\n${JAVASCRIPT}`,
    },
  },
  {
    ...{ id: 'c', file: (stem) => `${stem}.c`, text: C, comment: slashes },
    stages: ['flawfinder', 'cppcheck'],
    hard: {
      syntax: `int f( {{{\n${C}`,
      terms: `int x = ${'1+'.repeat(1200)}1;\n${C}`,
      brackets: `int y = ${'('.repeat(5000)}1${')'.repeat(5000)};\n${C}`,
      directive: `#if\n#error no\n#endif\n#error never\n${C}`,
      'open-string': `char *s = "x;\n${C}`,
    },
  },
  {
    ...{ id: 'dockerfile', file: (stem) => `${stem}.Dockerfile`, text: DOCKERFILE, comment: hash },
    stages: ['hadolint', 'opengrep', 'checkov', 'trivy-config', 'trivy-fs'],
    hard: {
      syntax: `FRM debian\n${DOCKERFILE}`,
      quote: `FROM debian:latest\nENV a="b\n${DOCKERFILE}`,
      heredoc: `FROM debian:latest\nRUN <<EOF\n`,
      escape: `# escape=\`\n${DOCKERFILE}`,
      lines: `FROM debian:latest\nRUN x \\\n${'  y \\\n'.repeat(3000)}  z\n${DOCKERFILE}`,
    },
  },
  {
    ...{ id: 'terraform', file: (stem) => `${stem}.tf`, text: TERRAFORM, comment: hash },
    stages: ['checkov', 'trivy-config', 'trivy-fs'],
    hard: {
      syntax: `resource {{{\n${TERRAFORM}`,
      brackets: `locals { x = ${'['.repeat(500)}${']'.repeat(500)} }\n${TERRAFORM}`,
      terms: `locals { x = ${'1+'.repeat(1200)}1 }\n${TERRAFORM}`,
    },
  },
  {
    ...{ id: 'kubernetes', file: (stem) => `${stem}.yaml`, text: KUBERNETES, comment: hash },
    stages: ['opengrep', 'checkov', 'trivy-config', 'trivy-fs'],
    hard: {
      syntax: `a: [\n---\n${KUBERNETES}`,
      tab: `a:\n\tb: 1\n---\n${KUBERNETES}`,
      twice: `a: 1\na: 2\n---\n${KUBERNETES}`,
      brackets: `a: ${'['.repeat(300)}${']'.repeat(300)}\n---\n${KUBERNETES}`,
      helm: `{{- if .Values.x }}\na: {{ .Values.y }}\n{{- end }}\n---\n${KUBERNETES}`,
    },
  },
  {
    ...{ id: 'workflow', file: (stem) => `.github/workflows/${stem}.yml`, text: WORKFLOW, comment: hash },
    stages: ['zizmor', 'opengrep'],
    hard: {
      syntax: `a: [\n${WORKFLOW}`,
      shape: `jobs: 1\n`,
      twice: `name: x\n${WORKFLOW}`,
      brackets: `x: ${'['.repeat(300)}${']'.repeat(300)}\n${WORKFLOW}`,
    },
  },
  {
    ...{ id: 'token', file: (stem) => `${stem}.txt`, text: `token = ${TOKEN}\n`, comment: hash },
    stages: ['gitleaks', 'detect-secrets', 'trivy-fs'],
    hard: { 'long-token-line': `x${' y'.repeat(30_000)} token = ${TOKEN}\n` },
  },
  {
    ...{
      id: 'person',
      file: (stem) => `privacy/${stem}.csv`,
      text: 'name,mail\nJane,jane.roe@example.com\n',
      comment: (words) => `${words},x`,
    },
    stages: ['presidio'],
    hard: { quote: 'name,mail\n"Jane,jane.roe@example.com\n' },
  },
];
