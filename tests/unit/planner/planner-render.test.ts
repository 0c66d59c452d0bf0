import fc from 'fast-check';
import { XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import type { StageId } from '../../../src/core/ids.ts';
import { diffPlans } from '../../../src/planner/diff/diff.ts';
import type { Plan } from '../../../src/planner/ir/ir.ts';
import { graphDot } from '../../../src/report/graph-dot.ts';
import { graphLayout } from '../../../src/report/graph-layout.ts';
import { graphMarkdown } from '../../../src/report/graph-markdown.ts';
import { graphMermaid } from '../../../src/report/graph-mermaid.ts';
import { graphSvg } from '../../../src/report/graph-svg.ts';
import { graphText } from '../../../src/report/graph-text.ts';
import { fakeScanner } from '../../support/fake-scanner.ts';
import { leftOut } from '../../support/left-out.ts';
import { context, custom, customTool, model, planned, policy, tool } from '../../support/planner-rig.ts';

const bandit = fakeScanner('bandit');
const gappy = fakeScanner('gappy', { notChecked: () => ['vulnerabilities'] });
const small = planned(
  model([tool('bandit', { secrets: ['TOKEN'] }), tool('gappy'), customTool('mine', ['bandit'])], {
    notPlanned: [leftOut('zap', 'disabled', { kind: 'not-in-profile', profile: 'light' })],
    policy: {
      ...policy,
      waivers: [{ match: { rule: 'B602' }, reason: 'wrapped', owner: 'ann', expires: '2027-01-31' }],
    },
  }),
  context([bandit, gappy, custom]),
);

/** A plan in which every foreign text, the ids too, is the one given. */
function hostile(text: string): Plan {
  const id = text as StageId;
  const stages = small.stages.map((stage) => ({
    ...stage,
    ...('tool' in stage
      ? {
          target: { kind: 'source', name: text, path: text },
          network: { egress: [text] },
          notChecked: [{ kind: 'by-option', what: text, text }],
          secrets: [text],
        }
      : {}),
    id: stage.id === 'bandit' ? id : stage.id,
    needs: stage.needs.map((need) => (need === 'bandit' ? id : need)),
  })) as Plan['stages'];
  const waivers = [{ match: { [text]: text }, reason: text, owner: text, expires: text }];
  return {
    ...small,
    name: text,
    profile: text,
    stages,
    sourceExclude: [text],
    notPlanned: [
      { tool: text as never, state: 'disabled', reason: { kind: 'not-in-profile', profile: text }, text },
    ],
    policy: {
      ...policy,
      waivers,
      budgets: { ...policy.budgets, origin: text, perTarget: { [text]: { high: 1 } } },
    },
  };
}

const ATTACKS = [
  '"]; rm -rf; ["',
  '\\"; node [URL="javascript:x"]; \\',
  '<script>alert(1)</script>',
  '</text><image href="http://x.org/a"/>',
  ']]>&amp;&#x3c;',
  '"]\n  click n0 "javascript:alert(1)"\n',
  '`%%{init: {}}%%`',
  '| a | b |\n\n# big',
  '![x](http://x.org/p.png) [y](javascript:x) @everyone #1 https://x.org www.x.org',
  '\u001b[2J\u001b]0;title\u0007\r\u202egnp.exe\u2028',
  '\ud800 half a pair',
  '__proto__',
];
const foreign = fc.oneof(
  fc.constantFrom(...ATTACKS),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
);
// Ids of the engine's own stages would be a second stage of that name, which no plan holds.
const text = foreign.filter((one) => !small.stages.some(({ id }) => id === one));

it('both texts name what the runtime does not enforce, and only then have a place for it', () => {
  for (const shown of [graphText(small, [], ['a limit']), graphMarkdown(small, [], [], ['a limit'])])
    expect(shown).toMatch(/Not enforced on this runtime[\s\S]*a limit/);
  expect(graphText(small)).not.toContain('enforced on');
});

describe('text', () => {
  it('shows scanners in order, budgets, and what is left out and why', () => {
    expect(graphText(small)).toBe(
      [
        'Plan of pay, profile light: 3 scanners, time budget 10 min',
        `secplan 0.1.0, ${small.planDigest}`,
        '',
        'stage   target      tool        timeout  network  after',
        'bandit  source (.)  pypi 1.2.3  1 min    none     -',
        'gappy   source (.)  pypi 1.2.3  1 min    none     -',
        'mine    source (.)  workspace   1 min    none     bandit',
        '',
        'Budgets (built-in)',
        '  overall  at most critical 0, high 5',
        '  an incomplete run fails',
        '  waived until 2027-01-31: rule B602 (wrapped; ann)',
        '',
        'Secrets given',
        '  TOKEN to bandit',
        '',
        'Not checked',
        '  gappy: vulnerabilities',
        '',
        'Skipped',
        '  zap: disabled, not in profile light',
        '',
      ].join('\n'),
    );
  });

  it('lets no foreign text move the cursor, break a line or reorder what is read', () => {
    const lines = graphText(hostile('x')).split('\n').length;
    fc.assert(
      fc.property(text, (name) => {
        const shown = graphText(hostile(name));
        expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u);
        expect(shown.split('\n')).toHaveLength(lines);
      }),
    );
  });
});

describe('markdown', () => {
  it('puts changes first and counts weakenings', () => {
    const before = planned(model([tool('bandit'), tool('gappy')]), context([bandit, gappy]));
    const after = planned(model([tool('bandit')]), context([bandit]));
    const shown = graphMarkdown(after, diffPlans(before, after));
    expect(shown).toContain('**1 weakening.**\n\n- weakening: gappy no longer runs');
    expect(graphMarkdown(before, diffPlans(after, before))).toContain('**No weakening.**');
    expect(shown).toContain('| bandit | source (.) | pypi 1.2.3 | 1 min | none |  |');
  });

  it('lets no foreign text become markup, a link, a mention or another cell', () => {
    const plain = graphMarkdown(hostile('x')).split('\n');
    fc.assert(
      fc.property(text, (name) => {
        const lines = graphMarkdown(hostile(name)).split('\n');
        expect(lines).toHaveLength(plain.length);
        for (const [at, line] of lines.entries()) {
          expect(line.match(/(?<!\\)\|/g)?.length).toBe(plain[at]!.match(/\|/g)?.length);
          const own = line.replace(/<\/?(?:details|summary|sub)>/g, '');
          expect(own.replace(/\\./g, '')).not.toMatch(/[<>[\]`_@]|:\/\/|www\.|(?<!^)(?<!&)#(?![# ])/i);
        }
      }),
    );
  });
});

describe('dot', () => {
  it('draws an arrow from a stage to those that need it', () => {
    expect(graphDot(small)).toContain('  "bandit" -> "mine";');
    expect(graphDot(small)).toContain('  "gate" [label="gate"];');
  });

  it('keeps foreign text inside its quotes', () => {
    fc.assert(
      fc.property(text, (name) => {
        for (const line of graphDot(hostile(name)).split('\n')) {
          const bare = line.replace(/"(?:[^"\\]|\\.)*"/g, 'Q');
          expect(bare).toMatch(
            /^(?:digraph Q \{| {2}Q( \[label=Q\]| -> Q);| {2}rankdir=LR;| {2}node \[.*\];|\}|)$/,
          );
          expect(bare.startsWith('  node') && bare !== '  node [shape=box, style=rounded, fontname=Q];').toBe(
            false,
          );
        }
      }),
    );
  });
});

describe('mermaid', () => {
  it('numbers nodes and draws needs', () => {
    expect(graphMermaid(small)).toContain('  n2["bandit (sast)"]\n');
    expect(graphMermaid(small)).toContain('  n2 --> n5\n');
  });

  it('keeps foreign text inside its label', () => {
    fc.assert(
      fc.property(text, (name) => {
        for (const line of graphMermaid(hostile(name)).trimEnd().split('\n')) {
          expect(line).toMatch(
            /^(?:flowchart LR| {2}n\d+(?:\(\[|\[)"[\p{L}\p{N} ._:/,()+#;-]*"(?:\]|\]\))| {2}n\d+ --> n\d+)$/u,
          );
        }
      }),
    );
  });
});

describe('svg', () => {
  const many = planned(
    model([
      ...Array.from({ length: 70 }, (_, index) =>
        customTool(`s${index}`, index > 55 && index < 62 ? [`s${index - 1}`, 's3'] : []),
      ),
      customTool('x'.repeat(63)),
    ]),
    context([custom]),
  );

  it('is well-formed and without anything that acts, whatever the names', () => {
    fc.assert(
      fc.property(text, (name) => {
        const svg = graphSvg(hostile(name));
        expect(XMLValidator.validate(svg)).toBe(true);
        const tags = new Set([...svg.matchAll(/<([a-zA-Z]+)/g)].map((match) => match[1]));
        expect([...tags].sort()).toEqual(['defs', 'g', 'marker', 'path', 'rect', 'svg', 'text', 'title']);
        expect(svg.replace(/>[^<]*</g, '><')).not.toMatch(/href|\son[a-z]+=|url\((?!#arrow)/);
        expect(svg.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  it.each([
    ['few', small],
    ['many', many],
  ])('puts no box or text on another: %s', (_, plan) => {
    const rects = [
      ...graphSvg(plan).matchAll(
        /<rect x="([\d.]+)" y="([\d.]+)" width="(\d+)" height="(\d+)" rx="(?:6|16)"/g,
      ),
    ].map((match) => match.slice(1, 5).map(Number) as [number, number, number, number]);
    expect(rects).toHaveLength(plan.stages.length);
    for (const [at, [x, y, width, height]] of rects.entries()) {
      for (const [x2, y2] of rects.slice(at + 1)) {
        expect(Math.abs(x - x2) >= width || Math.abs(y - y2) >= height).toBe(true);
      }
    }
    const texts = [...graphSvg(plan).matchAll(/<text [^>]*>([^<]*)<\/text><?/g)].map((match) => match[1]!);
    for (const shown of texts.slice(1)) expect(shown.length).toBeLessThanOrEqual(27);
  });

  it('leads lines over several columns through places where no box stands', () => {
    const layout = graphLayout(many);
    const boxes = new Set(layout.cells.map(({ column, row }) => `${column} ${row}`));
    const long = layout.edges.filter((places) => places.length > 2);
    expect(long.length).toBeGreaterThan(0);
    for (const places of long) {
      for (const { column, row } of places.slice(1, -1)) expect(boxes.has(`${column} ${row}`)).toBe(false);
    }
    for (const places of layout.edges) {
      for (const [at, place] of places.entries()) expect(place.column).toBe(places[0]!.column + at);
    }
    expect(boxes.size).toBe(71);
  });

  it('is the same for the same plan', () => {
    expect(graphSvg(many)).toBe(graphSvg(structuredClone(many)));
  });
});
