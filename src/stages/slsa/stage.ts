import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { workspacePath } from '../contract/workspace-path.ts';

const name = z.string().regex(/^[^-\s]\S{0,400}$/);

export const options = z.object({
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

export type Options = z.infer<typeof options>;

export const stage: StageData = {
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
      meaning: 'slsa-verifier could not start verification',
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
};
