// Who may import whom (docs/architecture.md). Each layer may import itself and what stands before it; rooms of one layer
// may not import each other. Types count as much as values: there is no exemption.
const LAYERS = [
  ['core'],
  ['io', 'lock'],
  ['stages'],
  ['compiler'],
  ['planner'],
  ['executor'],
  ['toolchain', 'policy'],
  ['evidence'],
  ['report', 'delivery'],
  ['app'],
  ['service', 'agents', 'cli'],
];

const upward = LAYERS.flatMap((layer, index) => {
  const above = LAYERS.slice(index + 1).flat();
  if (above.length === 0) return [];
  return [
    {
      name: 'no-upward-import',
      severity: 'error',
      // The kit runs whole scans for scripts and tests; nothing that ships may import it.
      from: { path: `^src/(${layer.join('|')})/`, pathNot: '^src/stages/kit/' },
      to: { path: `^src/(${above.join('|')})/` },
    },
  ];
});

const sideways = LAYERS.filter((layer) => layer.length > 1).map((layer) => ({
  name: 'no-sideways-import',
  severity: 'error',
  from: { path: `^src/(${layer.join('|')})/` },
  to: { path: `^src/(${layer.join('|')})/`, pathNot: '^src/$1/' },
}));

const onlyImporter = (module, path) => ({
  name: 'one-importer',
  severity: 'error',
  from: { path: '^src/', pathNot: path },
  to: { path: `(^|/)node_modules/${module}/` },
});

/** Who may use what of the machine; everything else gets it handed in. Assets are programs of their own. */
const MACHINE = [
  {
    name: 'files-in-their-rooms',
    rooms: [
      'io',
      'lock',
      'stages/kit',
      'compiler/read',
      'executor/(cache|engine|inventory|runtimes)',
      'toolchain',
      'evidence',
      'delivery',
      'app',
      'cli',
    ],
    modules: ['fs', 'fs/promises', 'os'],
  },
  {
    name: 'processes-in-their-rooms',
    rooms: ['io', 'executor/runtimes'],
    modules: ['child_process', 'cluster', 'worker_threads'],
  },
  {
    name: 'sockets-in-their-rooms',
    rooms: ['io', 'executor/runtimes', 'toolchain/shared'],
    modules: ['dgram', 'dns', 'http', 'http2', 'https', 'net', 'tls'],
  },
];

const machine = MACHINE.map(({ name, rooms, modules }) => ({
  name,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/(${rooms.join('|')})/|/assets/` },
  to: { path: `^(node:)?(${modules.join('|')})$`, dependencyTypes: ['core'] },
}));

/** Folders of src/stages that hold what scanners share. */
const SHARED = 'contract|families|formats|kit';

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...upward,
    ...sideways,
    {
      name: 'catalogue-only-in-composition-roots',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(app|cli|service|agents|stages/kit)/' },
      to: { path: '^src/stages/catalogue[.]gen[.]ts$' },
    },
    {
      name: 'toolchain-only-in-composition-roots',
      comment: 'It implements a port of the executor: who needs a tool asks the port.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(toolchain|app|cli|service|agents)/' },
      to: { path: '^src/toolchain/' },
    },
    {
      name: 'no-scanner-imports-another',
      severity: 'error',
      from: { path: '^src/stages/([^/]+)/' },
      to: { path: '^src/stages/[^/]+/', pathNot: `^src/stages/($1|${SHARED})/` },
    },
    {
      name: 'shared-stage-code-names-no-scanner',
      severity: 'error',
      from: { path: `^src/stages/(${SHARED})/` },
      to: { path: '^src/stages/[^/]+/', pathNot: `^src/stages/(${SHARED})/` },
    },
    {
      name: 'command-stands-apart',
      comment:
        'Planning loads it alone. What it reaches by others is looked at in tests/architecture/bundle.test.ts.',
      severity: 'error',
      from: { path: '^src/stages/[^/]+/command[.]ts$', pathNot: `^src/stages/(${SHARED})/` },
      to: {
        path: '^src/stages/(formats/|[^/]+/(report|stage)[.]ts$)|(^|/)node_modules/zod/',
        pathNot: '^src/stages/contract/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'declaration-reads-no-report',
      severity: 'error',
      from: { path: '^src/stages/[^/]+/stage[.]ts$', pathNot: `^src/stages/(${SHARED})/` },
      to: { path: '^src/stages/[^/]+/report[.]ts$', pathNot: '^src/stages/contract/' },
    },
    {
      name: 'declaration-is-for-the-generator',
      comment:
        'At run time its data stands in the catalogue; its options are checked by the manifest schema.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        path: '^src/stages/[^/]+/stage[.]ts$',
        pathNot: '^src/stages/contract/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'kit-is-for-scripts-and-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/stages/kit/' },
      to: { path: '^src/stages/kit/' },
    },
    {
      name: 'runtimes-stand-apart',
      comment: 'What two runtimes need is in runtimes/shared.',
      severity: 'error',
      from: { path: '^src/executor/runtimes/([^/]+)/' },
      to: { path: '^src/executor/runtimes/[^/]+/', pathNot: '^src/executor/runtimes/($1|shared)/' },
    },
    ...machine,
    {
      name: 'judge-reads-nothing',
      comment:
        'What a judgement needs of a file is handed to it; of io it may call only what turns numbers into names.',
      severity: 'error',
      from: { path: '^src/executor/judge/' },
      to: {
        path: '^src/(io|executor/(cache|engine|inventory|runtimes|stack))/',
        pathNot: '^src/io/exit-signal[.]ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    onlyImporter('commander', '^src/cli/'),
    onlyImporter('listr2', '^src/cli/views/human[.]ts$'),
    onlyImporter('@dagrejs/graphlib', '^src/planner/graph/'),
    onlyImporter('ajv', '^src/(compiler/validate|evidence/golden)/'),
    onlyImporter('yaml', '^src/(compiler/read/|stages/(kit/|formats/(yaml-content|yaml-report)[.]ts$))'),
    onlyImporter('aws4fetch', '^src/io/s3/'),
    onlyImporter('packageurl-js', '^src/stages/formats/read-purl[.]ts$'),
    onlyImporter('@noble/ciphers', '^src/evidence/sign/read-private-key[.]ts$'),
    onlyImporter('zod', '^src/(stages|app|evidence|compiler/stack)/'),
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^#' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Recorded trees are what scanners look at, not code of ours.
    exclude: { path: '/cases/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
