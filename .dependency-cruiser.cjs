// Who may import whom (docs/architecture.md). Each layer may import itself and what stands before it.
const LAYERS = [
  ['core'],
  ['stages'],
  ['toolchain'],
  ['compiler'],
  ['planner'],
  ['executor'],
  ['policy', 'evidence', 'report', 'delivery'],
  ['api'],
  ['service', 'agents', 'cli'],
];

const upward = LAYERS.flatMap((layer, index) => {
  const above = LAYERS.slice(index + 1).flat();
  if (above.length === 0) return [];
  return [
    {
      name: 'no-upward-import',
      severity: 'error',
      from: { path: `^src/(${layer.join('|')})/` },
      to: {
        path: `^src/(${above.join('|')})/`,
        // The toolchain implements ports of the executor: it may name their types, and those of the plan.
        ...(layer[0] === 'toolchain' ? { dependencyTypesNot: ['type-only'] } : {}),
      },
    },
  ];
});

const onlyImporter = (module, path) => ({
  name: 'one-importer',
  severity: 'error',
  from: { path: '^src/', pathNot: path },
  to: { path: `(^|/)node_modules/${module}/` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    ...upward,
    {
      name: 'registry-only-in-composition-roots',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(api|cli|service)/' },
      to: { path: '^src/stages/registry[.]gen[.]ts$' },
    },
    {
      name: 'no-scanner-imports-another',
      severity: 'error',
      from: { path: '^src/stages/([^/]+)/' },
      to: { path: '^src/stages/[^/]+/', pathNot: '^src/stages/$1/' },
    },
    {
      name: 'shared-stage-code-names-no-scanner',
      severity: 'error',
      from: { path: '^src/stages/[^/]+[.]ts$', pathNot: '[.]gen[.]ts$' },
      to: { path: '^src/stages/[^/]+/' },
    },
    {
      name: 'no-machine-in-pure-layers',
      comment:
        "Files, processes and the environment belong to the compiler's reader, the executor, evidence, delivery, the toolchain and the roots.",
      severity: 'error',
      from: { path: '^src/(core|stages|planner|policy|report)/' },
      to: {
        path: '^(node:)?(fs|fs/promises|child_process|os|http|https|net|process|worker_threads)$',
        dependencyTypes: ['core'],
      },
    },
    onlyImporter('commander', '^src/cli/'),
    onlyImporter('listr2', '^src/cli/views/'),
    onlyImporter('@dagrejs/graphlib', '^src/planner/'),
    onlyImporter('ajv', '^src/(compiler|evidence/golden)/'),
    onlyImporter('yaml', '^src/(compiler/|stages/yaml-report[.]ts$)'),
    onlyImporter('aws4fetch', '^src/executor/s3/'),
    onlyImporter('zod', '^src/(stages|api|evidence|compiler/stack)/'),
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^#' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
