/** What Trivy can look for misconfigurations in. */
export const TYPES = [
  'ansible',
  'azure-arm',
  'cloudformation',
  'dockerfile',
  'helm',
  'kubernetes',
  'terraform',
  'terraformplan-json',
] as const;
