import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../src/stages/catalogue.gen.ts';
import { sourcePath } from '../../../src/stages/contract/source-path.ts';
import { parseForeign } from '../../../src/stages/formats/parse-foreign.ts';

async function parse(tool: string, text: string) {
  const entry = catalogue.get(tool);
  if (entry === undefined) throw new Error(`no ${tool}`);
  return parseForeign(entry, await entry.report(), text, (path) => sourcePath('/', path));
}

async function findings(tool: string, text: string) {
  const outcome = await parse(tool, text);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure));
  return outcome.findings;
}

const bom = (inner: string, version = '1.4') =>
  `<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/${version}" xmlns:v="http://cyclonedx.org/schema/ext/vulnerability/1.0" version="1">${inner}</bom>`;
const component = (more = '') =>
  `<component type="library" bom-ref="r1"><group>org.x</group><name>lib</name><version>1.0</version><purl>pkg:maven/org.x/lib@1.0</purl>${more}</component>`;
const LATER =
  '<vulnerability bom-ref="v"><id>CVE-2021-1</id><source><name>NVD</name><url>https://nvd.example/1</url></source>' +
  '<ratings><rating><score>9.8</score><method>CVSSv31</method></rating></ratings><cwes><cwe>79</cwe></cwes>' +
  '<description>a &lt;bad&gt; flaw</description><affects><target><ref>r1</ref></target></affects></vulnerability>';
const EARLIER =
  '<v:vulnerabilities><v:vulnerability ref="r1"><v:id>CVE-2021-1</v:id><v:ratings><v:rating><v:score><v:base>9.8</v:base></v:score>' +
  '<v:severity>Critical</v:severity></v:rating></v:ratings><v:cwes><v:cwe>79</v:cwe></v:cwes></v:vulnerability></v:vulnerabilities>';

describe('CycloneDX in XML', () => {
  const documents: readonly [string, string][] = [
    ['since 1.4', bom(`<components>${component()}</components><vulnerabilities>${LATER}</vulnerabilities>`)],
    [
      'with the extension below the document',
      bom(`<components>${component()}</components>${EARLIER}`, '1.2'),
    ],
    ['with the extension below a component', bom(`<components>${component(EARLIER)}</components>`, '1.1')],
  ];
  it.each(documents)('%s gives the vulnerabilities', async (_what, text) => {
    for (const tool of ['custom', 'cyclonedx-cli']) {
      expect(await findings(tool, text)).toMatchObject([
        {
          kind: 'vulnerability',
          rule: { id: 'CVE-2021-1', cwe: ['CWE-79'] },
          package: { name: 'lib', version: '1.0', purl: 'pkg:maven/org.x/lib@1.0' },
          advisories: ['CVE-2021-1'],
        },
      ]);
    }
  });

  const refused: readonly [string, string, string][] = [
    ['another document', '<suite/>', 'report-schema'],
    ['a truncated one', bom(`<components>${component()}`).replace('</bom>', ''), 'report-malformed'],
    [
      'a vulnerability without an id',
      bom('<vulnerabilities><vulnerability><description>x</description></vulnerability></vulnerabilities>'),
      'report-schema',
    ],
  ];
  it.each(refused)('is not %s', async (_what, text, reason) => {
    expect(await parse('cyclonedx-cli', text)).toMatchObject({ ok: false, failure: { reason } });
  });
});

describe('CSV of Prowler', () => {
  const HEAD =
    'AUTH_METHOD;CHECK_ID;CHECK_TITLE;STATUS;STATUS_EXTENDED;MUTED;SEVERITY;RESOURCE_UID;RELATED_URL';
  const row = (id: string, status: string, muted = 'False') =>
    `profile;${id};A title;${status};"open; to ""all""\nof them";${muted};high;arn:x;https://docs.example/${id}`;

  it('gives what failed and is not muted', async () => {
    const text = `${[HEAD, row('s3_public', 'FAIL'), row('iam_mfa', 'PASS'), row('kms', 'MANUAL'), row('muted', 'FAIL', 'True')].join('\r\n')}\r\n`;
    const outcome = await parse('prowler', text);
    expect(outcome).toMatchObject({
      ok: true,
      findings: [
        {
          rule: { id: 's3_public', name: 'A title' },
          message: 'open; to "all" of them (arn:x)',
          toolLevel: 'high',
        },
      ],
      notes: [{ message: "1 findings are muted by a list of Prowler's" }],
    });
  });

  it('with commas and names of version 3 is read, too', async () => {
    expect(
      await findings('prowler', 'check_id,status,severity,resource_id\nx,FAIL,low,r1\ny,PASS,low,r2\n'),
    ).toHaveLength(1);
  });

  const refused: readonly [string, string, string][] = [
    ['that lost a value', 'CHECK_ID;STATUS;SEVERITY\nx;FAIL\n', 'report-malformed'],
    ['truncated in a value', 'CHECK_ID;STATUS;SEVERITY\nx;FAIL;"lo', 'report-malformed'],
    ['without the column of results', 'CHECK_ID;RESULT;SEVERITY\nx;FAIL;low\n', 'report-schema'],
  ];
  it.each(refused)('%s is refused', async (_what, text, reason) => {
    const outcome = await parse('prowler', text);
    expect(outcome.ok).toBe(false);
    if (!outcome.ok && outcome.failure.reason !== 'report-malformed')
      expect(outcome.failure.reason).toBe(reason);
  });
});

describe('JSON values one after the other', () => {
  const one = { CheckID: 'x', Status: 'FAIL', Severity: 'low', StatusExtended: 'a } in "text" {' };
  const two = { ...one, CheckID: 'y', Status: 'PASS' };
  const forms: readonly [string, string][] = [
    ['a line each', [one, two].map((item) => JSON.stringify(item)).join('\n')],
    ['over several lines', [one, two].map((item) => JSON.stringify(item, null, 2)).join('\n')],
    ['with nothing between', [one, two].map((item) => JSON.stringify(item, null, 2)).join('')],
  ];
  it.each(forms)('%s are read', async (_what, text) => {
    expect((await findings('prowler', text)).map(({ rule }) => rule.id)).toEqual(['x']);
  });

  it('of which the last is truncated are refused', async () => {
    const text = `${JSON.stringify(one, null, 2)}\n${JSON.stringify(two, null, 2).slice(0, -3)}`;
    expect(await parse('prowler', text)).toMatchObject({
      ok: false,
      failure: { reason: 'report-malformed' },
    });
  });
});

const gitlab = (over: object = {}, scan = 'success') =>
  JSON.stringify({
    version: '15.0.7',
    scan: { status: scan },
    vulnerabilities: [
      {
        category: 'sast',
        name: 'Injection',
        severity: 'Critical',
        identifiers: [
          { type: 'semgrep_id', name: 'x', value: 'rule.x' },
          { type: 'cwe', name: 'CWE-89', value: '89' },
        ],
        location: { file: 'a.py', start_line: 3, end_line: 4 },
        ...over,
      },
    ],
  });

describe("GitLab's security report", () => {
  it('gives rule, weakness, severity and place', async () => {
    for (const tool of ['opengrep', 'bandit', 'gosec', 'brakeman', 'flawfinder', 'custom'])
      expect(await findings(tool, gitlab())).toMatchObject([
        {
          kind: 'code',
          rule: { id: 'rule.x', name: 'Injection', cwe: ['CWE-89'] },
          severity: 'critical',
          span: { path: 'a.py', startLine: 3, endLine: 4 },
        },
      ]);
    expect(await findings('gitleaks', gitlab({ category: 'secret_detection' }))).toMatchObject([
      { kind: 'secret' },
    ]);
  });

  it('of a scan that failed, or without identifiers, is refused', async () => {
    expect(await parse('bandit', gitlab({}, 'failure'))).toMatchObject({ failure: { reason: 'error-text' } });
    expect(await parse('bandit', gitlab({ identifiers: [] }))).toMatchObject({
      failure: { reason: 'report-schema' },
    });
  });
});

describe('other forms', () => {
  const policy = (name: string, result: string) =>
    `apiVersion: wgpolicyk8s.io/v1alpha2\nkind: PolicyReport\nmetadata:\n  name: ${name}\nresults:\n- policy: ${name}\n  result: ${result}\n  severity: high\n`;
  const model = {
    packages: [{ _id: 0, id: 'NPM::left:1.0', definition_file_path: '' }],
    rule_violations: [{ _id: 0, rule: 'COPYLEFT', pkg: 0, license: 3, severity: 'ERROR', message: 'no' }],
    vulnerabilities: [
      { _id: 0, id: 'CVE-2021-1', pkg: 0, references: [{ url: 'https://x.example', score: 9.8 }] },
    ],
  };
  const psalm =
    '<?xml version="1.0"?><report><item><severity>error</severity><line_from>2</line_from><line_to>2</line_to><type>TaintedSql</type>' +
    '<message>a &lt; b</message><file_name>a.php</file_name></item></report>';
  const zap = {
    '@version': '2.7.0',
    site: { '@name': 'http://x', alerts: [{ pluginid: '1', alert: 'a', riskcode: '2' }] },
  };
  const junit = (suite: string, failure: string) =>
    `<testsuites><testsuite name="${suite}" tests="1" failures="1"><testcase name="GET /users">${failure}</testcase></testsuite></testsuites>`;
  const depcheck =
    '<analysis><scanInfo/><dependencies><dependency><fileName>a.jar</fileName><filePath>a.jar</filePath><vulnerabilities>' +
    '<vulnerability><name>CVE-2021-1</name><severity unscored="true">9.8</severity></vulnerability>' +
    '<vulnerability><name>CVE-2021-2</name><severity>low</severity></vulnerability></vulnerabilities></dependency></dependencies></analysis>';
  const leak = { RuleID: 'aws', File: 'a.py', StartLine: 1, EndLine: 1, StartColumn: 2, EndColumn: 9 };
  const k8s = {
    Kind: 'Deployment',
    Name: 'web',
    Results: [
      {
        Target: 'web',
        Vulnerabilities: [{ VulnerabilityID: 'CVE-2026-1', PkgName: 'l', Severity: 'CRITICAL' }],
      },
    ],
  };

  const read: readonly [what: string, tool: string, text: string, rules: readonly string[]][] = [
    [
      'policy reports in YAML, one after the other',
      'kyverno',
      `---\n${policy('a', 'fail')}---\n${policy('b', 'pass')}---\n${policy('c', 'fail')}`,
      ['a', 'c'],
    ],
    ["ORT's evaluated model", 'ort', JSON.stringify(model), ['COPYLEFT', 'CVE-2021-1']],
    [
      "ORT's evaluated model in YAML",
      'ort',
      `---\npackages:\n- _id: 0\n  id: "NPM::left:1.0"\nrule_violations:\n- _id: 0\n  rule: "COPYLEFT"\n  pkg: 0\n  severity: "ERROR"\n  message: "no"\nvulnerabilities: []\n`,
      ['COPYLEFT'],
    ],
    ["Psalm's XML", 'psalm', psalm, ['TaintedSql']],
    ["ZAP's one site", 'zap', JSON.stringify(zap), ['1']],
    ["Newman's JUnit", 'newman', junit('Login', '<failure message="expected 200"/>'), ['postman/assertion']],
    [
      "Schemathesis' JUnit",
      'schemathesis',
      junit(
        'schemathesis',
        '<failure message="1. Test Case ID: x&#10;&#10;- Server error&#10;&#10;- Undocumented HTTP status code"/>',
      ),
      ['contract/server-error', 'contract/undocumented-http-status-code'],
    ],
    [
      'a severity that is not scored, and its neighbour',
      'dependency-check',
      depcheck,
      ['CVE-2021-1', 'CVE-2021-2'],
    ],
    [
      'one leak seen twice, as in its SARIF',
      'gitleaks',
      JSON.stringify([leak, leak, { ...leak, StartColumn: 3 }]),
      ['aws', 'aws'],
    ],
    [
      'trivy k8s with its names of 2022',
      'trivy-k8s',
      JSON.stringify({ ClusterName: 'c', Vulnerabilities: [k8s], Misconfigurations: null }),
      ['CVE-2026-1'],
    ],
    [
      'trivy k8s --report summary',
      'trivy-k8s',
      JSON.stringify({ ClusterName: 'c', Findings: [k8s] }),
      ['CVE-2026-1'],
    ],
  ];
  it.each(read)('%s', async (_what, tool, text, rules) => {
    expect((await findings(tool, text)).map(({ rule }) => rule.id)).toEqual(rules);
  });

  const refused: readonly [what: string, tool: string, text: string, words: RegExp][] = [
    [
      'XML where JSON is read',
      'bandit',
      '<?xml version="1.0"?><x/>',
      /it is XML, not JSON; reports of this tool are read as JSON, .*SARIF/,
    ],
    ['the page of a proxy', 'bandit', '<!DOCTYPE html><html><body>Sign in</body></html>', /an HTML page/],
    [
      'JUnit with a DOCTYPE',
      'custom',
      '<!DOCTYPE testsuite SYSTEM "j.dtd"><testsuite><testcase name="a"/></testsuite>',
      /DOCTYPE/,
    ],
    [
      'SPDX 3',
      'custom',
      '{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []}',
      /it is SPDX 3, and SPDX 2 is read/,
    ],
    ['a cluster without a list', 'trivy-k8s', '{"ClusterName": "c", "Items": []}', /reports of this tool/],
    ['no check of Scorecard', 'scorecard', '{"scorecard": {"version": "5"}, "checks": []}', /checks/],
  ];
  it.each(refused)('%s is refused with what is wanted', async (_what, tool, text, words) => {
    const outcome = await parse(tool, text);
    expect(outcome.ok).toBe(false);
    expect(JSON.stringify(outcome)).toMatch(words);
  });

  it('an answer of OPA that is a number counts unless it is 0; null is no answer', async () => {
    const answer = (result: unknown) => JSON.stringify({ result: [{ path: 'a.yaml', result }] });
    expect(await findings('opa', answer(-1))).toHaveLength(1);
    expect(await findings('opa', answer(0))).toEqual([]);
    expect(await parse('opa', answer(null))).toMatchObject({ findings: [], notes: [{ path: 'a.yaml' }] });
    expect(await parse('opa', '{"result": [{"path": "a.yaml"}]}')).toMatchObject({ ok: false });
  });

  it('an error of Opengrep that is of no file is a failure, with paths or without', async () => {
    const report = { results: [], errors: [{ type: 'InvalidRuleSchemaError', level: 'error' }] };
    for (const more of [{}, { paths: { scanned: ['a.py'] } }])
      expect(await parse('opengrep', JSON.stringify({ ...report, ...more }))).toMatchObject({ ok: false });
  });

  it('a file that ScanCode could not scan is named', async () => {
    const files = [{ path: 'a.c', license_expressions: ['mit'], scan_errors: ['timeout'] }];
    expect(await parse('license-audit', JSON.stringify({ files }))).toMatchObject({
      ok: true,
      notes: [{}, { path: 'a.c', message: 'not checked: ScanCode reports an error for it' }],
    });
  });
});
