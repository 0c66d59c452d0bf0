import type { Severity } from '../../core/severity.ts';

interface Taint {
  readonly severity: Severity;
  readonly cwe: string;
}

/**
 * Kinds of flow from a user's input into where it does harm. Psalm rates them all as errors. Critical: the input is run;
 * high: it reaches a query, a file or another host; medium: it reaches a browser or leaves as a secret; low: it wastes time.
 */
export const TAINTS: Readonly<Record<string, Taint>> = {
  TaintedEval: { severity: 'critical', cwe: 'CWE-95' },
  TaintedShell: { severity: 'critical', cwe: 'CWE-78' },
  TaintedInclude: { severity: 'critical', cwe: 'CWE-98' },
  TaintedUnserialize: { severity: 'critical', cwe: 'CWE-502' },
  TaintedCallable: { severity: 'high', cwe: 'CWE-94' },
  TaintedExtract: { severity: 'high', cwe: 'CWE-621' },
  TaintedSql: { severity: 'high', cwe: 'CWE-89' },
  TaintedLdap: { severity: 'high', cwe: 'CWE-90' },
  TaintedXpath: { severity: 'high', cwe: 'CWE-643' },
  TaintedFile: { severity: 'high', cwe: 'CWE-73' },
  TaintedSSRF: { severity: 'high', cwe: 'CWE-918' },
  TaintedHtml: { severity: 'medium', cwe: 'CWE-79' },
  TaintedTextWithQuotes: { severity: 'medium', cwe: 'CWE-79' },
  TaintedHeader: { severity: 'medium', cwe: 'CWE-113' },
  TaintedCookie: { severity: 'medium', cwe: 'CWE-20' },
  TaintedUserSecret: { severity: 'medium', cwe: 'CWE-200' },
  TaintedSystemSecret: { severity: 'medium', cwe: 'CWE-497' },
  TaintedInput: { severity: 'medium', cwe: 'CWE-20' },
  TaintedCustom: { severity: 'medium', cwe: 'CWE-20' },
  TaintedSleep: { severity: 'low', cwe: 'CWE-400' },
};

/** Anything else that Psalm reports is about types: no flaw of security by itself. */
export const severities: Readonly<Record<string, Severity>> = {
  error: 'low',
  warning: 'low',
  info: 'info',
  note: 'info',
  ...Object.fromEntries(Object.entries(TAINTS).map(([id, { severity }]) => [id.toLowerCase(), severity])),
};
