import type { ParsedFinding } from '../../core/finding.ts';
import { sarifVariant } from '../formats/variants.ts';

const RULE = /^(CVE-\d{4}-\d{4,19}|GHSA(?:-[0-9a-z]{4}){3})-(.+)$/s;

/** Its SARIF, in which a rule is an advisory and a package: `CVE-2024-1234-name`. */
export const sarif = sarifVariant(['grype'], 'vulnerability', (finding): ParsedFinding => {
  const [, id, name] = RULE.exec(finding.rule.id) ?? [];
  if (id === undefined || name === undefined) return finding;
  const version = /\bversion (\S{1,200}) was found\b/.exec(finding.message)?.[1];
  // A rule's name is that of Grype's matcher.
  const { name: _matcher, ...rule } = finding.rule;
  return {
    ...finding,
    rule: { ...rule, id },
    package: { name, ...(version === undefined ? {} : { version }) },
    advisories: [id],
  };
});
