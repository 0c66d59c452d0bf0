import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sourcePath } from '../../../src/stages/contract/source-path.ts';
import { readSarif, type SarifReading } from '../../../src/stages/formats/sarif.ts';

type Json = Readonly<Record<string, unknown>>;

/** One run with these members; `driver` beside the name that it must have. */
function log(run: Json, driver: Json = {}): string {
  return JSON.stringify({
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'tool', ...driver } }, results: [], ...run }],
  });
}

function at(uri: string, more: Json = {}): Json {
  return { physicalLocation: { artifactLocation: { uri, ...more }, region: { startLine: 1 } } };
}

const hit = (more: Json = {}): Json => ({
  ruleId: 'R1',
  message: { text: 'a flaw' },
  locations: [at('a.py')],
  ...more,
});

function read(text: string) {
  return readSarif(text, {
    output: 'report',
    drivers: [],
    kind: 'code',
    relative: (path) => sourcePath('/src', path),
  });
}

function good(text: string): SarifReading {
  const outcome = read(text);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure));
  return outcome.value;
}

/** The one finding of a run with one result. */
function only(run: Json, driver: Json = {}) {
  const { findings } = good(log(run, driver));
  expect(findings).toHaveLength(1);
  return findings[0];
}

function failureOf(text: string) {
  const outcome = read(text);
  return outcome.ok ? undefined : outcome.failure;
}

const CWE = { name: 'CWE', guid: 'c0', taxa: [{ id: '78' }, { id: '89', guid: 'c089' }] };
const GUID = '11111111-2222-4333-8444-555555555555';
const pack = {
  name: 'pack',
  guid: GUID,
  rules: [{ id: 'X1', guid: 'f1', defaultConfiguration: { level: 'error' } }],
};
const inPack = (toolComponent: Json, more: Json = {}): Json => ({
  tool: {
    driver: { name: 'tool', rules: [{ id: 'X1', defaultConfiguration: { level: 'note' } }] },
    extensions: [pack],
  },
  results: [hit({ ruleId: undefined, rule: { index: 0, toolComponent, ...more } })],
});

/** For each section of the standard that is read, what must come of it. */
const READ: Readonly<Record<string, () => void>> = {
  '3.14': () => {
    const run = { tool: { driver: { name: 'tool' } }, results: [hit(), hit()] };
    const other = { ...run, results: [hit(), hit({ locations: [at('b.py')] })] };
    const { findings } = good(JSON.stringify({ version: '2.1.0', runs: [run, other] }));
    expect(findings.map(({ span }) => span?.path)).toEqual(['a.py', 'a.py', 'b.py']);
    for (const results of [null, undefined])
      expect(failureOf(log({ results }))).toMatchObject({ reason: 'report-schema' });
    expect(failureOf('{"version":"2.1.0","runs":[]}')).toMatchObject({ reason: 'report-schema' });
  },
  '3.15': () => {
    const elsewhere = { externalPropertyFileReferences: { results: [{ location: { uri: 'r.sarif' } }] } };
    expect(failureOf(log(elsewhere))).toMatchObject({
      detail: expect.stringMatching(/other files.*results/),
    });
    good(log({ externalPropertyFileReferences: { taxonomies: [{}] } }));
    const inline = JSON.stringify({
      version: '2.1.0',
      runs: [{ tool: { driver: { name: 'tool' } }, results: [] }],
      inlineExternalProperties: [{ results: [hit()] }],
    });
    expect(failureOf(inline)).toMatchObject({ reason: 'report-schema' });
  },
  '3.18': () => {
    const outcome = readSarif(log({}), {
      output: 'report',
      drivers: ['other'],
      kind: 'code',
      relative: (path) => path,
    });
    expect(outcome).toMatchObject({ ok: false, failure: { reason: 'report-schema' } });
  },
  '3.19': () => {
    const strings = { globalMessageStrings: { m: { text: 'said by the tool: {0}' } } };
    expect(only({ results: [hit({ message: { id: 'm', arguments: ['x'] } })] }, strings)?.message).toBe(
      'said by the tool: x',
    );
  },
  '3.20': () => {
    const failures = [
      { executionSuccessful: false },
      { executionSuccessful: true, processStartFailureMessage: 'no such program' },
      {
        executionSuccessful: true,
        toolExecutionNotifications: [{ level: 'error', message: { text: 'crashed' } }],
      },
      { toolConfigurationNotifications: [{ level: 'error', message: { text: 'no such rule' } }] },
    ];
    for (const invocation of failures)
      expect(failureOf(log({ invocations: [invocation] }))).toMatchObject({ reason: 'error-text' });
    good(log({ invocations: [{ executionSuccessful: true }] }));
  },
  '3.24': () => {
    const artifacts = [{ location: { uri: 'main.py', uriBaseId: 'API' } }, { location: { uri: 'main.py' } }];
    const run = { artifacts, originalUriBaseIds: { API: { uri: 'services/api/' } } };
    const place = { physicalLocation: { artifactLocation: { index: 0 } } };
    expect(only({ ...run, results: [hit({ locations: [place] })] })?.span?.path).toBe('services/api/main.py');
    expect(good(log(run)).artifacts).toBe(2);
  },
  '3.27': () => {
    expect(only({ results: [hit({ locations: [], analysisTarget: { uri: 'm.c' } })] })?.span).toEqual({
      path: 'm.c',
    });
    expect(
      good(log({ results: [hit({ baselineState: 'absent' }), hit({ baselineState: 'new' })] })).findings,
    ).toHaveLength(1);
  },
  '3.28': () => {
    const found = only({ results: [hit({ locations: [at('a.py'), at('b.py'), at('a.py')] })] });
    expect(found).toMatchObject({ span: { path: 'a.py' }, alsoAt: [{ path: 'b.py', startLine: 1 }] });
  },
  '3.29': () => {
    const places = [
      [],
      [{ physicalLocation: {} }],
      [{ physicalLocation: { address: { absoluteAddress: 9 } } }],
    ];
    for (const locations of places) expect(only({ results: [hit({ locations })] })?.span).toBeUndefined();
    expect(only({ results: [hit({ locations: [at('../x.py')] })] })?.span).toBeUndefined();
  },
  '3.30': () => {
    const region = { startLine: 2, startColumn: 0, endLine: 3, charOffset: 5 };
    const place = { physicalLocation: { artifactLocation: { uri: 'a.py' }, region } };
    expect(only({ results: [hit({ locations: [place] })] })?.span).toEqual({
      path: 'a.py',
      startLine: 2,
      endLine: 3,
    });
  },
  '3.33': () => {
    const place = { logicalLocations: [{ fullyQualifiedName: 'ns::f' }] };
    expect(only({ results: [hit({ locations: [place] })] })?.message).toBe('a flaw (ns::f)');
  },
  '3.35': () => {
    const suppressions = [
      [{ kind: 'inSource' }],
      [{ kind: 'external', status: 'rejected' }],
      [{ kind: 'external', status: 'underReview' }],
      [],
      [{ kind: 'inSource' }, { kind: 'external', status: 'rejected' }],
    ];
    const { findings, notes } = good(
      log({ results: suppressions.map((list) => hit({ suppressions: list })) }),
    );
    expect(findings).toHaveLength(4);
    expect(notes).toEqual([
      { message: '1 result of rule R1 suppressed (inSource) and not counted', path: 'a.py' },
    ]);
  },
  '3.48': () => {
    const set = (level: string) => ({
      ruleConfigurationOverrides: [{ descriptor: { index: 0 }, configuration: { level } }],
    });
    const run = { invocations: [set('note'), set('error')] };
    const rules = { rules: [{ id: 'R1' }] };
    const level = (provenance: Json) => only({ ...run, results: [hit({ provenance })] }, rules)?.toolLevel;
    expect([level({ invocationIndex: 1 }), level({ invocationIndex: 0 }), level({})]).toEqual([
      'error',
      'note',
      'warning',
    ]);
  },
  '3.49': () => {
    const rule = {
      id: 'R1',
      shortDescription: { text: 'name' },
      helpUri: 'https://x.example/r1',
      messageStrings: { m: { text: 'bad {0} in {{}}' } },
      properties: { tags: ['external/cwe/cwe-079'], 'security-severity': '9.8' },
    };
    expect(
      only({ results: [hit({ message: { id: 'm', arguments: ['call'] } })] }, { rules: [rule] }),
    ).toMatchObject({
      rule: { id: 'R1', name: 'name', url: 'https://x.example/r1', cwe: ['CWE-79'] },
      message: 'bad call in {}',
      severity: 'critical',
    });
  },
  '3.50': () => {
    const rules = [{ id: 'R1', defaultConfiguration: { level: 'error' } }];
    expect(only({ results: [hit()] }, { rules })?.toolLevel).toBe('error');
    expect(only({ results: [hit({ level: 'note' })] }, { rules })?.toolLevel).toBe('note');
    expect(only({ results: [hit()] })?.toolLevel).toBe('warning');
  },
  '3.51': () => {
    const invocations = [
      { ruleConfigurationOverrides: [{ descriptor: { id: 'R1' }, configuration: { level: 'error' } }] },
    ];
    expect(only({ invocations, results: [hit()] }, { rules: [{ id: 'R1' }] })?.toolLevel).toBe('error');
    const notification = { descriptor: { id: 'N1' }, message: { text: 'lost a file' } };
    const raised = {
      toolExecutionNotifications: [notification],
      notificationConfigurationOverrides: [{ descriptor: { id: 'N1' }, configuration: { level: 'error' } }],
    };
    expect(failureOf(log({ invocations: [raised] }, { notifications: [{ id: 'N1' }] }))).toMatchObject({
      reason: 'error-text',
    });
  },
  '3.52': () => {
    const rules = [
      { id: 'A', defaultConfiguration: { level: 'note' } },
      { id: 'R1', guid: 'g1', defaultConfiguration: { level: 'error' } },
    ];
    const ways: readonly Json[] = [
      { ruleId: 'R1' },
      { ruleIndex: 1 },
      { ruleId: 'R1', ruleIndex: 1 },
      { ruleId: 'R1/sub', ruleIndex: 1 },
      { ruleId: 'R1/sub' },
      { ruleId: 'R1', ruleIndex: 0 },
      { ruleId: undefined, rule: { guid: 'G1' } },
      { ruleId: undefined, rule: { id: 'R1' } },
    ];
    for (const way of ways)
      expect([way, only({ results: [hit({ ruleId: undefined, ...way })] }, { rules })?.toolLevel]).toEqual([
        way,
        'error',
      ]);
  },
  '3.53': () => {
    const cwes = (kinds?: readonly string[]) =>
      only(
        { taxonomies: [CWE], results: [hit()] },
        {
          rules: [
            { id: 'R1', relationships: [{ target: { index: 1, toolComponent: { index: 0 } }, kinds }] },
          ],
        },
      )?.rule.cwe;
    expect([cwes(), cwes(['superset']), cwes(['disjoint'])]).toEqual([['CWE-89'], ['CWE-89'], undefined]);
  },
  '3.54': () => {
    for (const component of [
      { index: 0 },
      { guid: GUID.toUpperCase() },
      { name: 'pack' },
      { guid: GUID, index: -1 },
    ])
      expect(only(inPack(component))?.toolLevel).toBe('error');
    expect(only(inPack({}))?.toolLevel).toBe('note');
    expect(only(inPack({ guid: GUID }, { index: undefined, id: 'X1' }))?.toolLevel).toBe('error');
    const taxa = [
      { id: 'CWE-22', toolComponent: { name: 'CWE' } },
      { guid: 'C089', toolComponent: { guid: 'C0' } },
    ];
    expect(only({ taxonomies: [CWE], results: [hit({ taxa })] })?.rule.cwe).toEqual(['CWE-22', 'CWE-89']);
  },
  '3.58': () => {
    const kinds = {
      notifications: [
        { id: 'N1', defaultConfiguration: { level: 'error' }, messageStrings: { m: { text: 'lost {0}' } } },
      ],
    };
    const by = (notification: Json) =>
      log({ invocations: [{ toolExecutionNotifications: [notification] }] }, kinds);
    const message = { id: 'm', arguments: ['b.py'] };
    expect(failureOf(by({ descriptor: { id: 'N1' }, message, locations: [at('b.py')] }))).toEqual({
      reason: 'error-text',
      text: 'it reports an error: b.py: lost b.py',
    });
    expect(good(by({ level: 'note', descriptor: { id: 'N1' }, message })).notes).toEqual([]);
    expect(good(by({ message: { text: 'slow' }, locations: [at('b.py')] })).notes).toEqual([
      { message: 'slow', path: 'b.py' },
    ]);
  },
};

const DOC = readFileSync(new URL('../../../docs/reference/sarif.md', import.meta.url), 'utf8');
const ROWS = [...DOC.matchAll(/^\| (3\.\d\d) +\| ([A-Za-z]+) +\| (.+?) *\|$/gm)].map(
  ([, section = '', name = '', what = '']) => ({ section, name, what }),
);

describe('the sections of SARIF 2.1.0', () => {
  it('from 3.14 to 3.58 each stand in the reference', () => {
    expect(ROWS.map(({ section }) => section)).toEqual(
      Array.from({ length: 45 }, (_, index) => `3.${14 + index}`),
    );
  });

  it('that the reference calls unread have a reason, and no example here; all others have one', () => {
    const unread = ROWS.filter(({ what }) => what.startsWith('no'));
    expect(unread.filter(({ what }) => !/^no: \S.{5,}$/.test(what))).toEqual([]);
    const read = ROWS.filter((row) => !unread.includes(row)).map(({ section }) => section);
    expect(Object.keys(READ)).toEqual(read);
  });

  it.each(Object.keys(READ))('%s is read as the standard says', (section) => {
    expect.hasAssertions();
    READ[section]?.();
  });
});

describe('the kind of a SARIF result', () => {
  const kinds: readonly [string | undefined, string | undefined][] = [
    [undefined, 'warning'],
    ['fail', 'warning'],
    ['Fail', 'warning'],
    ['review', 'review'],
    ['OPEN', 'open'],
    ['vulnerability', 'warning'],
    ['', 'warning'],
    ['pass', undefined],
    ['notApplicable', undefined],
    ['Informational', undefined],
  ];
  it.each(kinds)('%s', (kind, toolLevel) => {
    const { findings, notes } = good(log({ results: [hit({ kind })] }));
    expect(findings.map((finding) => finding.toolLevel)).toEqual(toolLevel === undefined ? [] : [toolLevel]);
    // What is not simply a failure is never left unsaid.
    const plain = kind === undefined || toolLevel === undefined || /^fail$/i.test(kind);
    expect(notes).toHaveLength(plain ? 0 : 1);
    if (toolLevel === 'review' || toolLevel === 'open') expect(findings[0]?.severity).toBe('low');
  });
});

describe('the severity of a SARIF result', () => {
  const scores: readonly [unknown, string | undefined][] = [
    ['9.8', 'critical'],
    [7, 'high'],
    ['0.0', 'info'],
    ['CRITICAL', 'critical'],
    [' High ', 'high'],
    ['moderate', 'medium'],
    ['unknown', undefined],
    ['', undefined],
    ['-1', undefined],
    [null, undefined],
    ['constructor', undefined],
  ];
  it.each(scores)('by security-severity %j', (score, severity) => {
    expect(only({ results: [hit({ properties: { 'security-severity': score } })] })?.severity).toBe(severity);
  });
});

describe('a path in SARIF', () => {
  const BASES = {
    API: { uri: 'services/api/', uriBaseId: 'ROOT' },
    ROOT: {},
    SRC: { uri: 'file:///src/' },
    LIB: { uri: 'lib', uriBaseId: 'SRC' },
    LOOP: { uri: 'l/', uriBaseId: 'POOL' },
    POOL: { uri: 'p/', uriBaseId: 'LOOP' },
  };
  const paths: readonly [string, string | undefined, string | undefined][] = [
    ['file:///src/100%2525.py', undefined, '100%25.py'],
    ['100%2525.py', undefined, '100%25.py'],
    ['FILE:///src/a%20b.py', undefined, 'a b.py'],
    ['b%23c.py', undefined, 'b#c.py'],
    ['100%.py', undefined, '100%.py'],
    ['file%3Ax.py', undefined, 'file:x.py'],
    ['main.py', 'API', 'services/api/main.py'],
    ['100%2525.py', 'SRC', '100%25.py'],
    ['x.py', 'LIB', 'lib/x.py'],
    ['x.py', 'LOOP', 'p/l/x.py'],
    ['x.py', 'NONE', 'x.py'],
    ['x.py', '__proto__', 'x.py'],
    ['/src/x.py', 'API', 'x.py'],
    ['src\\app.py', undefined, 'src/app.py'],
    ['C:\\agent\\src\\app.py', undefined, undefined],
    ['https://x.example/a.py', undefined, undefined],
  ];
  it.each(paths)('%s below %s', (uri, uriBaseId, path) => {
    const run = { originalUriBaseIds: BASES, results: [hit({ locations: [at(uri, { uriBaseId })] })] };
    expect(only(run)?.span?.path).toBe(path);
  });
});

describe('a member of SARIF that is null', () => {
  it('is read as absent, each alike', () => {
    const nulled = Object.fromEntries(
      ['rule', 'kind', 'level', 'locations', 'suppressions', 'taxa', 'properties', 'provenance'].map(
        (key) => [key, null],
      ),
    );
    const run = { invocations: null, artifacts: null, taxonomies: null, originalUriBaseIds: null };
    expect(only({ ...run, results: [hit(nulled)] }, { rules: null, notifications: null })).toEqual({
      kind: 'code',
      rule: { id: 'R1' },
      message: 'a flaw',
      toolLevel: 'warning',
    });
  });
});

describe('a message in SARIF', () => {
  const messages: readonly [Json, string][] = [
    [{ text: 'uses {{ x }} and {0}' }, 'uses {{ x }} and {0}'],
    [{ text: 'uses {0}, {{{1}}}, {2}', arguments: ['a', 'b'] }, 'uses a, {b}, {2}'],
    [
      { text: 'from [a \\[b\\]](1) and [site](https://x.example)' },
      'from a [b] and [site](https://x.example)',
    ],
    [{ markdown: 'only *this*' }, 'only *this*'],
    [{ id: 'none' }, 'no message'],
  ];
  it.each(messages)('%j', (message, text) => {
    expect(only({ results: [hit({ message })] })?.message).toBe(text);
  });
});
