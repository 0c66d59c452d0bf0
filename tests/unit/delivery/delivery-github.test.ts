import { execFileSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { fitResult } from '../../../src/delivery/github/fit-result.ts';
import { GITHUB_LIMITS, splitSarif } from '../../../src/delivery/github/split-sarif.ts';
import { customWorld, manifestOf } from '../../support/custom-world.ts';
import { receiver } from '../../support/delivery-rig.ts';
import { type GithubDoubleOptions, githubDouble } from '../../support/github-double.ts';

const open: { dispose(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose();
});

const results = (count: number, text = 'x') =>
  Array.from({ length: count }, (_, index) => ({
    ruleId: `r${index % 3}`,
    ruleIndex: index % 3,
    message: { text: `${text}${index}` },
  }));
const sarif = (items: readonly object[]) =>
  JSON.stringify({
    $schema: 's',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'secplan', rules: ['r0', 'r1', 'r2', 'unused'].map((id) => ({ id })) } },
        results: items,
      },
    ],
  });
const opened = (gzip: Buffer) => JSON.parse(gunzipSync(gzip).toString()).runs;

describe('cut to what GitHub takes', () => {
  it('by results: each part its own category, nothing lost, rules of its own', () => {
    const { parts, tooLarge } = splitSarif(sarif(results(11)), 'secplan/a/b', {
      limits: { results: 5, gzipBytes: 1e6 },
    });
    expect(parts.map(({ category, results: count }) => [category, count])).toEqual([
      ['secplan/a/b', 5],
      ['secplan/a/b/part-2', 5],
      ['secplan/a/b/part-3', 1],
    ]);
    expect(tooLarge).toBe(0);
    const runs = parts.flatMap(({ gzip }) => opened(gzip));
    expect(runs.map((run) => run.automationDetails.id)).toEqual([
      'secplan/a/b/',
      'secplan/a/b/part-2/',
      'secplan/a/b/part-3/',
    ]);
    for (const run of runs)
      for (const one of run.results) expect(run.tool.driver.rules[one.ruleIndex].id).toBe(one.ruleId);
    expect(
      runs.flatMap((run) => run.results.map((one: { message: { text: string } }) => one.message.text)),
    ).toEqual(results(11).map(({ message }) => message.text));
  });

  it('by bytes, and says what cannot be cut further; a report without results is one upload', () => {
    const noise = Array.from({ length: 40 }, () => crypto.randomUUID()).join('');
    const { parts, tooLarge } = splitSarif(sarif([...results(20), ...results(1, noise)]), 'c', {
      limits: { results: 5000, gzipBytes: 600 },
    });
    expect([parts.reduce((sum, part) => sum + part.results, 0), tooLarge]).toEqual([20, 1]);
    expect(Math.max(...parts.map(({ gzip }) => gzip.length))).toBeLessThanOrEqual(600);
    expect(splitSarif(sarif([]), 'c').parts).toHaveLength(1);
  });

  it('never by more than GitHub shows of a run', () => {
    expect(GITHUB_LIMITS).toEqual({ results: 5_000, gzipBytes: 10 * 2 ** 20 });
    const { parts } = splitSarif(sarif(results(5_001)), 'c');
    expect(parts.map((part) => part.results)).toEqual([5_000, 1]);
    for (const { gzip } of parts) expect(opened(gzip)).toHaveLength(1);
  });

  it('counts what it keeps back or cuts: personal data, tags, places', () => {
    const places = Array.from({ length: 1_001 }, () => ({
      physicalLocation: { artifactLocation: { uri: 'a' }, region: { startLine: 1 } },
    }));
    const [one, two, three] = results(3);
    const text = sarif([
      { ...one, properties: { category: 'privacy' } },
      { ...two, locations: places },
      {
        ...three,
        codeFlows: [
          { threadFlows: [{ locations: Array(9_000).fill({}) }, { locations: Array(2_000).fill({}) }] },
        ],
      },
    ]);
    const tagged = JSON.parse(text);
    tagged.runs[0].tool.driver.rules[1].properties = {
      tags: Array.from({ length: 21 }, (_, index) => `t${index}`),
    };
    const split = splitSarif(JSON.stringify(tagged), 'c', { includePrivacy: false });
    expect(split).toMatchObject({ withheld: 1, cut: 2, tagged: 1, tooLarge: 0 });
    const [run] = opened(split.parts[0]?.gzip ?? Buffer.alloc(0));
    expect(run.results[0].locations).toHaveLength(1_000);
    expect(
      run.results[1].codeFlows[0].threadFlows.map(
        ({ locations }: { locations: unknown[] }) => locations.length,
      ),
    ).toEqual([9_000, 1_000]);
    expect(run.tool.driver.rules.find(({ id }: { id: string }) => id === 'r1').properties.tags).toHaveLength(
      20,
    );
    expect(splitSarif(text, 'c').withheld).toBe(0);
  });
});

describe('a result that GitHub takes', () => {
  const placeOf = (result: object) => fitResult(result).result.locations?.[0]?.physicalLocation;
  const at = (uri: string, region?: object) => ({
    locations: [
      { physicalLocation: { artifactLocation: { uri }, ...(region === undefined ? {} : { region }) } },
    ],
  });

  it('has a place: without one GitHub refuses the whole upload', () => {
    expect(placeOf({ properties: { target: 'web/api 1' } })).toEqual({
      artifactLocation: { uri: 'web/api%201' },
      region: { startLine: 1 },
    });
    expect(placeOf({ locations: [] })?.artifactLocation?.uri).toBe('source');
    // GitHub knows files of the repository only.
    expect(
      placeOf({ ...at('https://x.example/'), properties: { target: 'web' } })?.artifactLocation?.uri,
    ).toBe('web');
    expect(placeOf(at('a.txt'))).toEqual({ artifactLocation: { uri: 'a.txt' }, region: { startLine: 1 } });
    expect(placeOf(at('a.txt', { startLine: 7 }))?.region).toEqual({ startLine: 7 });
  });

  it('names files from the root of the repository', () => {
    const located = at('a b.py').locations[0];
    const given = {
      ...at('app.py'),
      relatedLocations: [located],
      codeFlows: [{ threadFlows: [{ locations: [{ location: located }] }] }],
    };
    const { result } = fitResult(given, 'services/my api/');
    expect(JSON.stringify(result).match(/"uri":"[^"]*"/g)).toEqual([
      '"uri":"services/my%20api/app.py"',
      '"uri":"services/my%20api/a b.py"',
      '"uri":"services/my%20api/a b.py"',
    ]);
    // The name of a target is no path.
    const { locations = [] } = fitResult({ properties: { target: 'web' } }, 'services/').result;
    expect(locations[0]?.physicalLocation?.artifactLocation?.uri).toBe('web');
    expect(fitResult(at('https://x.example/'), 'services/').result.locations).toEqual(
      fitResult({}).result.locations,
    );
  });

  it('has the fingerprint that GitHub reads', () => {
    const { result } = fitResult({ partialFingerprints: { 'secplan/v1': 'abc' } });
    expect(result.partialFingerprints).toEqual({ primaryLocationLineHash: 'abc:1', 'secplan/v1': 'abc' });
  });
});

const TOKEN = 'gh-token-0009';

/** A repository whose findings go to a GitHub. */
async function scene(over: Partial<GithubDoubleOptions> = {}) {
  const github = githubDouble({ token: TOKEN, uploads: () => '', ...over });
  const server = await receiver(github.answer);
  open.push({ dispose: server.close });
  const world = customWorld(
    manifestOf({
      secrets: { GH: 'env:GH' },
      delivery: {
        github: {
          repository: 'o/r',
          token: 'GH',
          apiUrl: server.origin,
          codeScanning: true,
          allowPrivate: true,
        },
      },
    }),
  );
  open.push(world);
  world.write('b.txt', 'FIXME\n');
  const run = () => world.scan({ offline: false }, { env: { GH: TOKEN } });
  const commit = () => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
        cwd: world.workspace,
      });
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-qm', 'one');
  };
  return { github, server, run, commit };
}

const runsOf = (sarif: { readonly body: Record<string, string> } | undefined) =>
  opened(Buffer.from(sarif?.body.sarif ?? '', 'base64'));

describe('code scanning', () => {
  it('sends what the published description of the API takes, and waits until it is processed', async () => {
    const { github, server, run, commit } = await scene();
    const none = await run();
    expect(none.diagnostics.map(({ code }) => code)).toContain('SP6042');
    commit();
    const outcome = await run();
    expect(outcome.scan?.delivery).toMatchObject([
      { state: 'delivered', detail: '1 results in 1 upload to o/r', limits: [] },
    ]);
    expect([outcome.exitCode, github.wrong, github.sarifs.length]).toEqual([0, [], 1]);
    expect(github.sarifs[0]?.body.ref).toBe('refs/heads/main');
    const [sent] = runsOf(github.sarifs[0]);
    expect(sent.automationDetails.id).toBe('secplan/own/own/');
    expect(sent.results[0].partialFingerprints.primaryLocationLineHash).toMatch(/^.+:1$/);
    const polls = server.received.filter(({ url }) => url.includes('/code-scanning/sarifs/'));
    expect(polls).toHaveLength(1);
    for (const { headers } of server.received) expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it('empties the parts that a longer report left behind, those of the ref and of this report only', async () => {
    const analysis = (category: string, results_count: number) => ({ category, results_count });
    const { github, run, commit } = await scene({
      analyses: [
        analysis('secplan/own/own/part-3', 0),
        analysis('secplan/own/own/part-2/', 12),
        analysis('secplan/own/own', 5_000),
        analysis('secplan/own/other/part-2', 7),
        analysis('secplan/own/own/part-3', 9),
        analysis('secplan/own/own/part-x', 9),
      ],
    });
    commit();
    const outcome = await run();
    expect([outcome.exitCode, github.wrong]).toEqual([0, []]);
    expect(outcome.scan?.delivery[0]?.detail).toContain('1 parts of a longer report emptied');
    const sent = github.sarifs.map((one) => runsOf(one)[0]);
    expect(sent.map(({ automationDetails, results: list }) => [automationDetails.id, list.length])).toEqual([
      ['secplan/own/own/', 1],
      ['secplan/own/own/part-2/', 0],
    ]);
  });
});
