import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import type { SeenWorkspace } from '../../../../src/app/languages/files-by-language.ts';
import { plannedFiles } from '../../../../src/app/languages/given-files.ts';
import { languageCoverage } from '../../../../src/app/languages/language-coverage.ts';
import { toolId } from '../../../../src/core/ids.ts';
import { takeInventory } from '../../../../src/executor/inventory/take-inventory.ts';
import type { Plan } from '../../../../src/planner/ir/ir.ts';
import type { LanguageCoverage } from '../../../../src/policy/languages.ts';
import { catalogue } from '../../../../src/stages/catalogue.gen.ts';
import { type FakeScanner, fakeScanner } from '../../../support/fake-scanner.ts';
import { context, custom, customTool, model, planned, source, tool } from '../../../support/planner-rig.ts';

/** A workspace of these files, none of which is on disk: only names count. */
function workspace(paths: readonly string[]): SeenWorkspace {
  const files = [...paths].sort().map((path) => ({ path, size: 1, executable: false }));
  return { root: '/nowhere', files, isLink: () => false };
}

const RUBY = { requires: { target: 'source', selection: { include: ['**/*.rb'] } } } as const;

function plan(scanners: readonly FakeScanner[], changes: Parameters<typeof model>[1] = {}): Plan {
  return planned(
    model(
      scanners.map(({ id }) => tool(id)),
      changes,
    ),
    context(scanners),
  );
}

function covered(
  paths: readonly string[],
  of: Plan,
  { finished = () => true }: { readonly finished?: (id: string) => boolean } = {},
): readonly LanguageCoverage[] {
  const inventory = workspace(paths);
  const given = plannedFiles(of, inventory).map((one) => ({ ...one, finished: finished(one.stage.id) }));
  return languageCoverage({ plan: of, inventory, given, catalogue });
}

const texts = (languages: readonly LanguageCoverage[]): readonly string[] =>
  languages.map(({ text }) => text);

describe('what of each language was read', () => {
  const python = fakeScanner('py');

  it('names unread languages first, most files first, and the scanners of the catalogue that would read them', () => {
    const paths = ['a.py', 'b.php', 'c.php', 'd.c', 'lib.hs', 'README.md', 'x.json'];
    expect(texts(covered(paths, plan([python])))).toEqual([
      '2 PHP files: no scanner of this profile reads PHP (psalm does)',
      '1 C file: no scanner of this profile reads C (flawfinder, cppcheck do)',
      '1 Haskell file: no scanner of secplan reads Haskell',
      '1 Python file: read by py',
    ]);
  });

  it('asks a scanner by its own rule whether it applies', () => {
    const [bare] = covered(['a.rb'], plan([python]));
    expect(bare?.readers?.[0]).toEqual({
      tool: 'brakeman',
      category: 'sast',
      appliesIf: ['**/config/{application,environment}.rb', '**/script/rails'],
    });
    expect(bare?.text).toBe(
      '1 Ruby file: no scanner of this profile reads Ruby (brakeman does where a file matches **/config/{application,environment}.rb and 1 more)',
    );
    expect(texts(covered(['a.rb', 'config/application.rb'], plan([python])))).toEqual([
      '2 Ruby files: no scanner of this profile reads Ruby (brakeman does)',
    ]);
  });

  it('names the option that a scanner needs', () => {
    expect(texts(covered(['a.rs'], plan([python])))).toEqual([
      '1 Rust file: no scanner of this profile reads Rust (codeql does with tools.codeql-database.options.language: rust)',
    ]);
  });

  it('names the files that no scanner takes where others of the language were read', () => {
    const paths = ['a.py', 'b.gyp', 'c.gyp', 'd.gyp', 'e.gyp'];
    const [one] = covered(paths, plan([python]));
    expect(one).toMatchObject({ state: 'partly-read', files: 5, read: 1, unread: paths.slice(1) });
    expect(one?.text).toBe(
      '4 of 5 Python files: no scanner of this profile takes b.gyp, c.gyp, d.gyp and 1 more',
    );
  });

  it('is not read where its scanner did not finish', () => {
    const [one] = covered(['a.py'], plan([python]), { finished: () => false });
    expect(one).toMatchObject({ state: 'not-finished', read: 0, tools: ['py'] });
    expect(one?.text).toBe('1 Python file: py did not finish');
    const both = covered(['a.py'], plan([python, fakeScanner('py2')]), { finished: (id) => id === 'py2' });
    expect(both[0]).toMatchObject({ state: 'read', tools: ['py2'] });
  });

  it('lists what the manifest excludes as excluded, by globs, by a folder and by what it includes', () => {
    const paths = ['src/a.py', 'third/b.rb'];
    const of = (changes: object) =>
      texts(covered(paths, plan([python], { targets: [{ ...source, ...changes }] })));
    const wanted = ['1 Ruby file: excluded by the manifest', '1 Python file: read by py'];
    expect(of({ exclude: ['third/**'] })).toEqual(wanted);
    expect(of({ path: 'src' })).toEqual(wanted);
    expect(of({ include: ['src/**'] })).toEqual(wanted);
  });

  it('says of a run that was limited that it speaks of the run', () => {
    const notPlanned = [
      {
        tool: toolId('ruff'),
        state: 'skipped',
        reason: { kind: 'skipped-by-flag' },
        text: '--skip',
      } as const,
    ];
    expect(texts(covered(['a.c'], plan([python], { notPlanned })))[0]).toContain(
      'no scanner of this run reads C',
    );
  });

  it('believes what a stage of the user was given', () => {
    const own = planned(
      model([
        customTool('mine', [], { options: { command: ['./mine.sh'], report: 'sarif', inputs: ['**'] } }),
      ]),
      context([custom]),
    );
    expect(texts(covered(['a.hs'], own))).toEqual(['1 Haskell file: read by mine']);
  });

  it('is empty for a workspace without code', () => {
    expect(covered(['README.md'], plan([python]))).toEqual([]);
  });
});

describe('a scanner of several categories', () => {
  const all = fakeScanner('all', {
    category: 'sca',
    requires: { target: 'source', selection: { include: ['**'] } },
    optionDefaults: { scanners: ['vuln', 'misconfig'] },
    looksFor: [
      { category: 'sca', when: { option: 'scanners', is: 'vuln' } },
      { category: 'iac', reads: ['**/*.tf'], when: { option: 'scanners', is: 'misconfig' } },
    ],
  });

  it('reads a language only in the files of what it looks for', () => {
    const [ruby, terraform] = covered(['a.rb', 'main.tf'], plan([all]));
    expect(ruby).toMatchObject({ language: 'Ruby', state: 'not-read' });
    expect(terraform).toMatchObject({ language: 'Terraform', state: 'read', readIn: ['iac'] });
  });

  it('reads none of them where its options leave that out', () => {
    const narrowed = planned(model([tool('all', { options: { scanners: ['vuln'] } })]), context([all]));
    expect(covered(['main.tf'], narrowed)[0]).toMatchObject({ language: 'Terraform', state: 'not-read' });
  });

  it('reads what the database that it asks holds', () => {
    const database = fakeScanner('base', {
      kind: 'database',
      optionDefaults: { language: 'ruby' },
      looksFor: [
        { category: 'sast', reads: ['**/*.rb'], when: { option: 'language', is: 'ruby' } },
        { category: 'sast', reads: ['**/*.py'], when: { option: 'language', is: 'python' } },
      ],
      outputs: [{ name: 'db', type: 'database', mediaType: 'application/octet-stream', file: 'db' }],
    });
    const asking = fakeScanner('asking', {
      requires: {
        target: 'source',
        selection: { include: ['**/*.{rb,py}'] },
        consumes: [{ name: 'db', type: 'database', from: 'base' }],
      },
    });
    const of = planned(model([tool('asking')], { databases: [tool('base')] }), context([asking, database]));
    const languages = covered(['a.rb', 'b.py'], of);
    expect(languages.map(({ language, state }) => [language, state])).toEqual([
      ['Python', 'not-read'],
      ['Ruby', 'read'],
    ]);
  });
});

describe('every scanner of the catalogue', () => {
  // A wrong selection or category would make the lines lie; each of these is a sentence that users read.
  test.each([
    ['a.py', 'trivy-fs, detect-secrets', false],
    ['a.go', 'opengrep', true],
    ['main.tf', 'trivy-fs', true],
    ['Dockerfile', 'hadolint', true],
    ['.github/workflows/a.yml', 'zizmor', true],
    ['a.java', 'opengrep', true],
    ['a.kt', 'horusec', true],
    ['a.cs', 'horusec', true],
  ])('for %s: %s', (path, tools, wanted) => {
    const [one] = covered([path], plan([fakeScanner('ruby', RUBY)]));
    const readers = (one?.readers ?? [])
      .filter((reader) => !('option' in reader))
      .map((reader) => reader.tool);
    for (const id of tools.split(', ')) expect(readers.includes(id), readers.join(' ')).toBe(wanted);
  });
});

describe('scripts', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'secplan-languages-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('without an ending count by their first line, where they can be started', async () => {
    const write = (path: string, text: string, mode = 0o755) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      chmodSync(join(root, path), mode);
    };
    write('bin/deploy', '#!/usr/bin/env python3\nprint(1)\n');
    write('bin/notes', '#!/usr/bin/env python3\n', 0o644);
    write('bin/tool', '\u007fELF');
    write('bin/empty', '');
    symlinkSync('deploy', join(root, 'bin/link'));
    const listed = await takeInventory({ root, indexFile: join(root, 'index') });
    if (!listed.ok) throw new Error('no inventory');
    const of = plan([fakeScanner('py')]);
    const inventory = listed.value;
    const languages = languageCoverage({
      plan: of,
      inventory,
      given: plannedFiles(of, inventory),
      catalogue,
    });
    expect(texts(languages)).toEqual(['1 Python file: no scanner of secplan takes bin/deploy']);
  });
});
