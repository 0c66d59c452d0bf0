import { expect, test } from 'vitest';
import { findingTitle } from '../../../src/report/finding-title.ts';
import { madeFinding } from '../../support/made-finding.ts';

/** Rules and messages as the tools write them. */
test.each([
  [
    { id: 'B605', name: 'start_process_with_a_shell' },
    'Starting a process with a shell.',
    'Start process with a shell',
  ],
  [
    { id: 'S105', name: 'Possible hardcoded password assigned to: "{}"' },
    'x',
    'Possible hardcoded password assigned',
  ],
  [{ id: 'DL3007' }, 'Using latest is prone to errors. Pin the version.', 'Using latest is prone to errors'],
  [{ id: 'secplan.python.unsafe-yaml-load' }, 'YAML is read. Use it.', 'Unsafe yaml load'],
  [
    { id: 'FF1014', name: 'buffer/gets' },
    'buffer/gets:Does not check for buffer overflows (CWE-120).',
    'Does not check for buffer overflows (CWE-120)',
  ],
  [{ id: 'getsCalled' }, "Obsolete function 'gets' called. Use fgets.", "Obsolete function 'gets' called"],
  [
    { id: 'generic-api-key', name: 'Detected a Generic API Key, potentially exposing access.' },
    'x',
    'Detected a Generic API Key',
  ],
  [{ id: '40018', name: 'SQL Injection' }, 'SQL Injection: GET /users', 'SQL Injection'],
  [
    { id: 'py/sql-injection', name: 'py/sql-injection' },
    'This SQL query depends on a value.',
    'This SQL query depends on a value',
  ],
] as const)('%j: %s', (rule, message, title) => {
  expect(findingTitle(madeFinding({ print: 'a', rule, message }))).toBe(title);
});

test('a package is named with its version and its CVE', () => {
  const finding = madeFinding({
    print: 'a',
    kind: 'vulnerability',
    rule: { id: 'GHSA-1' },
    package: { name: 'lodash', version: '4.17.15' },
    advisories: ['GHSA-1', 'CVE-2021-23337'],
  });
  expect(findingTitle(finding)).toBe('lodash 4.17.15 CVE-2021-23337');
});
