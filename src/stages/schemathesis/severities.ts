import type { Severity } from '../../core/severity.ts';

/**
 * Schemathesis rates a breach of the contract by how surely it is one; secplan rates what it means for security, so its
 * levels count one less, and rules that stand for a weakness have their own rating.
 */
export const SEVERITIES: Readonly<Record<string, Severity>> = {
  'contract/ignored-auth': 'critical',
  'contract/object-level-authorization-violation': 'critical',
  'contract/use-after-free': 'high',
  'contract/server-error': 'medium',
  'contract/no-response': 'medium',
  'contract/content-type-server-error': 'medium',
  'contract/graph-ql-server-error': 'medium',
  critical: 'high',
  high: 'medium',
  medium: 'low',
  low: 'info',
};

/** What a rule is an instance of, where that is beyond doubt. */
export const WEAKNESSES: Readonly<Record<string, readonly string[]>> = {
  'contract/ignored-auth': ['CWE-306'],
  'contract/object-level-authorization-violation': ['CWE-639'],
  'contract/server-error': ['CWE-755'],
  'contract/content-type-server-error': ['CWE-755'],
  'contract/graph-ql-server-error': ['CWE-755'],
  'contract/accepted-negative-data': ['CWE-20'],
};
