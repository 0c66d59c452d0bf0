import type { Severity } from '../../core/severity.ts';

/**
 * TruffleHog has no severities. A credential that it found to work is critical; one of a known shape, which nothing here
 * tries out, is high. By detector: critical what opens an account or a machine by itself, medium what is recognised by
 * its surroundings only or does not open anything alone.
 */
const CRITICAL = [
  'AWS',
  'AWSSessionKey',
  'Azure',
  'AzureStorage',
  'GCP',
  'Github',
  'GitHubApp',
  'Gitlab',
  'PrivateKey',
];
const MEDIUM = [
  'URI',
  'JDBC',
  'JWT',
  'FTP',
  'LDAP',
  'SQLServer',
  'MongoDB',
  'Postgres',
  'Redis',
  'RabbitMQ',
  'Generic',
];
/** High entropy: version 3's third-party fork and version 2 report mere texts that look random. */
const GUESSED = ['high-entropy', 'High Entropy'];

export const severities: Readonly<Record<string, Severity>> = {
  verified: 'critical',
  unknown: 'high',
  unverified: 'high',
  // Levels of trufflehog3.
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  ...Object.fromEntries(CRITICAL.map((name) => [name.toLowerCase(), 'critical' as const])),
  ...Object.fromEntries(MEDIUM.map((name) => [name.toLowerCase(), 'medium' as const])),
  ...Object.fromEntries(GUESSED.map((name) => [name.toLowerCase(), 'medium' as const])),
};
