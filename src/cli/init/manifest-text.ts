import type { ChosenTool, OptIn } from './choose-tools.ts';

export interface ManifestPlan {
  readonly name: string;
  readonly tools: readonly ChosenTool[];
  readonly optIns: readonly OptIn[];
}

/** Above what init adds to the default profile, and to no other: smoke and fast stay fast. */
const LIGHT =
  'Scanners that `--profile light`, the default, runs as well. `secplan tools list` shows every scanner.';

/** The new manifest as YAML, with comments that say what each part is for. */
export function manifestYaml({ name, tools, optIns }: ManifestPlan): string {
  const lines = [
    '# What secplan scans in this project, with which tools, and how many findings are allowed.',
    '# `secplan compile` checks this file, `secplan plan` shows what it means, `secplan run` scans.',
    'apiVersion: secplan/v1',
    'metadata:',
    `  name: ${JSON.stringify(name)}`,
    '',
    'targets:',
    '  source:',
    '    path: "."',
    '    # Files that git ignores, dependencies and build folders are always excluded.',
    '    # exclude: ["testdata/**"]',
  ];
  if (tools.some(({ iac }) => iac)) lines.push('  iac:', '    - name: repository', '      path: "."');
  if (tools.length === 0) {
    lines.push('', `# ${LIGHT}`, '# profiles:', '#   light:', '#     tools:', '#       enable: [gitleaks]');
  } else {
    lines.push('', `# ${LIGHT}`, 'profiles:', '  light:', '    tools:', '      enable:');
    for (const { id, because } of tools) lines.push(`        - ${id} # ${comment(because)}`);
  }
  for (const { id, provider, thirdParty } of optIns) {
    lines.push(
      '',
      `# ${id} is available only from a third party (${comment(thirdParty)}); to use it:`,
      '# tools:',
      `#   ${id}: { provider: ${provider} }`,
    );
  }
  lines.push(
    '',
    'policy:',
    '  budgets:',
    '    # More findings than this fail the run. A severity without a number has no limit.',
    '    default: { critical: 0, high: 5 }',
    '  # waivers:',
    '  #   - match: { rule: B602, path: "scripts/**" }',
    '  #     reason: input is a constant',
    '  #     owner: you@example.org',
    `  #     expires: "2027-06-30"`,
  );
  return `${lines.join('\n')}\n`;
}

/** The same in CUE. */
export function manifestCue({ name, tools, optIns }: ManifestPlan): string {
  const lines = [
    '// What secplan scans in this project, with which tools, and how many findings are allowed.',
    '// `secplan compile` checks this file, `secplan plan` shows what it means, `secplan run` scans.',
    'apiVersion: "secplan/v1"',
    `metadata: name: ${JSON.stringify(name)}`,
    '',
    'targets: {',
    '\tsource: path: "."',
    ...(tools.some(({ iac }) => iac) ? ['\tiac: [{name: "repository", path: "."}]'] : []),
    '}',
    '',
    `// ${LIGHT}`,
    ...(tools.length === 0
      ? ['// profiles: light: tools: enable: ["gitleaks"]']
      : [
          'profiles: light: tools: enable: [',
          ...tools.map(({ id, because }) => `\t${JSON.stringify(id)}, // ${comment(because)}`),
          ']',
        ]),
    ...optIns.flatMap(({ id, provider, thirdParty }) => [
      `// ${id} is available only from a third party (${comment(thirdParty)}); to use it:`,
      `// tools: ${JSON.stringify(id)}: provider: ${JSON.stringify(provider)}`,
    ]),
    '',
    '// More findings than this fail the run. A severity without a number has no limit.',
    'policy: budgets: default: {critical: 0, high: 5}',
  ];
  return `${lines.join('\n')}\n`;
}

/** The same in JSON, which has no comments. */
export function manifestJson({ name, tools }: ManifestPlan): string {
  const manifest = {
    apiVersion: 'secplan/v1',
    metadata: { name },
    targets: {
      source: { path: '.' },
      ...(tools.some(({ iac }) => iac) ? { iac: [{ name: 'repository', path: '.' }] } : {}),
    },
    ...(tools.length === 0 ? {} : { profiles: { light: { tools: { enable: tools.map(({ id }) => id) } } } }),
    policy: { budgets: { default: { critical: 0, high: 5 } } },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** File names are foreign text: none may end a comment's line. */
function comment(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, '?');
}
