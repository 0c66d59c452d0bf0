import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { workspacePath } from '../contract/workspace-path.ts';
import { readSlsaVerifier } from './output.ts';
import { variants } from './variants.ts';

const name = z.string().regex(/^[^-\s]\S{0,400}$/);
const options = z.object({
  /** Files whose provenance is verified; absent: `checksums.txt`. One that is missing is a finding. */
  artifacts: z.array(workspacePath).min(1).max(200).optional(),
  /** The file that holds their provenance. */
  provenance: workspacePath.default('multiple.intoto.jsonl'),
  /** Where they must be built from, for example `github.com/org/project`. Nothing is verified without it. */
  sourceUri: name.optional(),
  /** The tag or the branch that they must be built from. */
  sourceTag: name.optional(),
  sourceBranch: name.optional(),
  /** What must have built them. */
  builderId: name.optional(),
});

type Options = z.infer<typeof options>;

const CONVENTION = ['checksums.txt'];

export const stage = defineStage<Options>({
  id: 'slsa',
  kind: 'scan',
  category: 'trust',
  tool: {
    name: 'slsa-verifier',
    homepage: 'https://github.com/slsa-framework/slsa-verifier',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    {
      name: 'go',
      runtime: 'local',
      kind: 'go',
      package: 'github.com/slsa-framework/slsa-verifier/v2/cli/slsa-verifier',
      bin: 'slsa-verifier',
    },
    {
      name: 'release',
      runtime: 'local',
      kind: 'release',
      package: 'slsa-framework/slsa-verifier',
      bin: 'slsa-verifier',
    },
    { name: 'path', runtime: 'local', kind: 'path', package: 'slsa-verifier', bin: 'slsa-verifier' },
  ],
  requires: {
    target: 'source',
    // Any file can have been built.
    selection: { include: ['**'] },
    appliesIf: ['**/*.intoto.jsonl', '**/*provenance*.json'],
    // Sigstore's root and its log.
    network: { egress: ['tuf-repo-cdn.sigstore.dev', 'rekor.sigstore.dev'] },
  },
  outputs: [{ name: 'report', type: 'text', mediaType: 'text/plain' }],
  faults: [
    {
      in: 'stderr',
      pattern: '^(?:unknown (?:command|flag|shorthand)|required flag|panic: )',
      meaning: 'slsa-verifier could not begin to verify',
    },
  ],
  timeoutMs: 180_000,
  expectedMs: 5_000,
  resources: { cpus: 1, memoryMb: 512 },
  // It has none. Critical: built by another, from another source, or another file than is claimed; high: nothing
  // proves it; medium: the provenance says less than it should.
  severities: {
    'builder-untrusted': 'critical',
    'source-mismatch': 'critical',
    'digest-mismatch': 'critical',
    'signature-invalid': 'critical',
    unsigned: 'high',
    'provenance-missing': 'high',
    'provenance-malformed': 'high',
    'not-verified': 'high',
    'field-missing': 'medium',
    'builder-not-pinned': 'medium',
  },
  options,
  steps: ({ options, args }) => [
    {
      id: 'verify',
      argv: [
        ...['slsa-verifier', 'verify-artifact', '--provenance-path', options.provenance],
        ...['--source-uri', options.sourceUri ?? ''],
        ...(options.sourceTag === undefined ? [] : ['--source-tag', options.sourceTag]),
        ...(options.sourceBranch === undefined ? [] : ['--source-branch', options.sourceBranch]),
        ...(options.builderId === undefined ? [] : ['--builder-id', options.builderId]),
        ...args,
        ...(options.artifacts ?? CONVENTION),
      ],
      stderr: 'report',
      exits: { '0': 'ok', '1': 'ok' },
    },
  ],
  variants,
  parse: (raw, context) => {
    const { artifacts, sourceUri } = context.options as Options;
    const read = readSlsaVerifier(raw.report, artifacts ?? CONVENTION, artifacts !== undefined, context);
    if (!read.ok || sourceUri !== undefined) return read;
    const detail = 'the sourceUri option does not say where the artifacts must be built from';
    return { ok: false, failure: { reason: 'requirement-unmet', detail } };
  },
  notChecked: ({ artifacts, builderId, sourceTag, sourceBranch }) => [
    'provenance of images, which lies in their registries',
    ...(artifacts === undefined ? ['built files other than checksums.txt (artifacts option)'] : []),
    ...(builderId === undefined ? ['which of the trusted builders it was (builderId option)'] : []),
    ...(sourceTag === undefined && sourceBranch === undefined
      ? ['which version of the source it was (sourceTag option)']
      : []),
  ],
});
