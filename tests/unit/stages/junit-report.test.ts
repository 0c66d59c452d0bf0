import { describe, expect, it } from 'vitest';
import { readJunitReport } from '../../../src/stages/formats/junit-report.ts';

const PASSED = '<testcase classname="net" name="hsts"/>';

function read(text: string) {
  return readJunitReport('junit', `<?xml version="1.0"?>\n${text}`);
}

describe('a JUnit report', () => {
  it('gives failures and errors of tests, with suite and place, and of suites', () => {
    const outcome = read(
      `<testsuites><testsuite name="a" tests="3" failures="2"><failure message="teardown"/>` +
        `<testcase name="x" file="a.py" line="3"><failure>long &lt;text&gt;</failure></testcase>` +
        `<testcase name="y"><error type="Refused"/></testcase><testcase name="z"><skipped/></testcase></testsuite></testsuites>`,
    );
    expect(outcome).toMatchObject({
      ok: true,
      value: {
        ran: 2,
        notes: [{ message: 'skipped: z' }],
        failures: [
          { level: 'failure', suite: 'a', test: 'a', message: 'teardown' },
          { level: 'failure', suite: 'a', test: 'x', file: 'a.py', line: 3 },
          { level: 'error', suite: 'a', test: 'y', message: 'Refused' },
        ],
      },
    });
  });

  const refused: readonly [string, string, string][] = [
    [
      'with a suite that did not run',
      `<testsuites><testsuite name="b">${PASSED}</testsuite><testsuite name="a" errors="1"><error message="no login"/></testsuite></testsuites>`,
      'error-text',
    ],
    [
      'that counts failures in the suite and shows none',
      `<testsuite name="a" tests="3" failures="2">${PASSED}</testsuite>`,
      'report-malformed',
    ],
    [
      'that counts them over all suites',
      `<testsuites failures="2" errors="1"><testsuite name="a">${PASSED}</testsuite></testsuites>`,
      'report-malformed',
    ],
    [
      'that shows fewer than it counts',
      `<testsuite name="a" failures="2"><testcase name="x"><failure/></testcase></testsuite>`,
      'report-malformed',
    ],
    [
      'with failures under another name',
      '<testsuite name="a"><testcase name="x"><failed message="m"/></testcase></testsuite>',
      'report-schema',
    ],
    [
      'with tests under another name',
      '<testsuites><testsuite name="a"><test name="x"/></testsuite><testsuite name="b"><cases><case a="b"/></cases></testsuite></testsuites>',
      'report-schema',
    ],
    ['with another root', '<suite/>', 'report-schema'],
    [
      'with a DOCTYPE',
      `<!DOCTYPE testsuite SYSTEM "junit.dtd"><testsuite>${PASSED}</testsuite>`,
      'report-malformed',
    ],
  ];
  it.each(refused)('%s is refused', (_what, text, reason) => {
    expect(read(text)).toMatchObject({ ok: false, failure: { reason } });
  });

  const whole: readonly [string, string, number][] = [
    [
      'whose outer counts repeat those of inner suites',
      '<testsuites failures="1"><testsuite name="a" failures="1"><testsuite name="b" failures="1"><testcase name="x"><failure/></testcase></testsuite></testsuite></testsuites>',
      1,
    ],
    [
      'whose test passed at the second try',
      '<testsuite name="a" failures="0"><testcase name="x"><flakyFailure message="m"/></testcase></testsuite>',
      0,
    ],
    [
      'with properties and output',
      '<testsuite name="a"><properties><property name="k" value="v"/></properties><testcase name="x"><system-out>text</system-out></testcase></testsuite>',
      0,
    ],
  ];
  it.each(whole)('%s is read', (_what, text, failures) => {
    const outcome = read(text);
    expect(outcome.ok && outcome.value.failures).toHaveLength(failures);
  });

  it('says where tests are counted and not shown', () => {
    expect(
      read(
        `<testsuites><testsuite name="a" tests="4"/><testsuite name="b">${PASSED}</testsuite></testsuites>`,
      ),
    ).toMatchObject({
      value: { notes: [{ message: 'suite a: 4 tests are counted, none is in the report' }] },
    });
  });
});
