import type { Severity } from '../../core/severity.ts';

/**
 * Checkov rates its rules only for holders of a key. Medium by default; high where one mistake gives an outsider
 * access or a workload its host; low where it is a matter of resilience, hygiene or record keeping.
 */
const HIGH = [
  // Open to the world: remote shells and databases, public buckets.
  'CKV_AWS_17',
  'CKV_AWS_20',
  'CKV_AWS_24',
  'CKV_AWS_25',
  'CKV_AWS_57',
  'CKV_AWS_70',
  'CKV_AZURE_9',
  'CKV_AZURE_10',
  'CKV_GCP_2',
  'CKV_GCP_3',
  'CKV_GCP_28',
  'CKV2_AWS_6',
  // Whoever holds the role holds the account.
  'CKV_AWS_1',
  'CKV_AWS_62',
  'CKV_AWS_63',
  'CKV_AWS_286',
  'CKV2_AWS_40',
  // Credentials in plain text.
  'CKV_AWS_41',
  'CKV_AWS_45',
  'CKV_AWS_46',
  // A way from the container to its host.
  'CKV_K8S_16',
  'CKV_K8S_17',
  'CKV_K8S_18',
  'CKV_K8S_27',
  // Text of a pull request is run as a shell command.
  'CKV_GHA_2',
] as const;

const LOW = [
  // Copies, redundancy, monitoring, upgrades.
  'CKV_AWS_18',
  'CKV_AWS_21',
  'CKV_AWS_118',
  'CKV_AWS_144',
  'CKV_AWS_157',
  'CKV_AWS_226',
  'CKV_AWS_293',
  'CKV_AWS_353',
  'CKV2_AWS_30',
  'CKV2_AWS_60',
  'CKV2_AWS_61',
  'CKV2_AWS_62',
  // Descriptions, and groups that nothing uses.
  'CKV_AWS_23',
  'CKV2_AWS_5',
  // Health checks, requests and limits, names.
  'CKV_DOCKER_2',
  'CKV_DOCKER_4',
  'CKV_K8S_8',
  'CKV_K8S_9',
  'CKV_K8S_10',
  'CKV_K8S_11',
  'CKV_K8S_12',
  'CKV_K8S_13',
  'CKV_K8S_15',
  'CKV_K8S_21',
  'CKV_K8S_43',
] as const;

/** By rule id in lower case, and by the levels that a key gives. */
export const severities: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  info: 'info',
  none: 'info',
  ...Object.fromEntries(HIGH.map((id) => [id.toLowerCase(), 'high' as const])),
  ...Object.fromEntries(LOW.map((id) => [id.toLowerCase(), 'low' as const])),
};
