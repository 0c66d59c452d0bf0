import type { Severity } from '../../../core/severity.ts';
import type { FaultText, OutputSpec } from '../../contract/output.ts';
import type { ToolInfo } from '../../contract/tool-info.ts';

export const TRIVY: ToolInfo = {
  name: 'Trivy',
  homepage: 'https://trivy.dev',
  license: 'Apache-2.0',
  status: 'active',
};

export const TRIVY_ASSETS = { trivy: 'src/stages/families/trivy/assets' };

/** What it looks for misconfigurations in. */
export const TRIVY_CONFIG_FILES: readonly string[] = [
  '**/*.{tf,tf.json,tofu,tfvars,tpl,bicep,yaml,yml,json,template}',
  '**/{Dockerfile,dockerfile,Containerfile}*',
  '**/*.{Dockerfile,dockerfile,DOCKERFILE,Containerfile,containerfile}',
  // Parts of charts and of playbooks.
  '**/templates/**',
  '**/.helmignore',
  '**/*.cfg',
];

export const TRIVY_OUTPUTS: readonly OutputSpec[] = [
  { name: 'report', type: 'json', mediaType: 'application/json', file: 'trivy.json' },
];

/** Of a scan of files. A file that Trivy could not parse is named by `file_path`: a note of that file, not a failure of the stage. */
export const TRIVY_FILE_FAULTS: readonly FaultText[] = [
  {
    in: 'stderr',
    pattern: '^\\S+\\s+(FATAL|ERROR)\\s(?!.*(Falling back to embedded checks|file_path=))',
    meaning: 'Trivy reports an error',
  },
];

/** Trivy's own scale. */
export const TRIVY_SEVERITIES: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  unknown: 'medium',
};

/** Licences go by Trivy's class: its scale calls MIT low, which is no flaw at all. */
export const TRIVY_LICENSES: Readonly<Record<string, Severity>> = {
  'license-forbidden': 'critical',
  'license-restricted': 'high',
  'license-reciprocal': 'medium',
  'license-notice': 'info',
  'license-permissive': 'info',
  'license-unencumbered': 'info',
  'license-unknown': 'low',
};
