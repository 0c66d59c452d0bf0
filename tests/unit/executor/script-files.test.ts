import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { interpreterOf } from '../../../src/executor/inventory/script-files.ts';
import { selectInput } from '../../../src/executor/inventory/select-input.ts';
import { takeInventory } from '../../../src/executor/inventory/take-inventory.ts';

describe('the interpreter that a first line names', () => {
  it.each([
    ['#!/usr/bin/python3\nx', 'python'],
    ['#!/usr/bin/env python3.12\n', 'python'],
    ['#!/usr/bin/env -S FOO=1 python3 -u\r\nx', 'python'],
    ['#! /usr/local/bin/node --no-warnings', 'node'],
    ['#!/usr/bin/env', undefined],
    ['#!\nx', undefined],
    ['# !/usr/bin/python3', undefined],
    ['', undefined],
  ])('%j', (text, expected) => {
    expect(interpreterOf(text)).toBe(expected);
  });
});

describe('a selection with interpreters', () => {
  let root: string;
  const line = '#!/usr/bin/env python3\nprint(1)\n';
  const files = {
    'bin/run': line,
    'bin/.hidden': line,
    'bin/with.ending': line,
    'bin/shell': '#!/bin/sh\n',
    'lib/tool': line,
    'a.py': 'x = 1\n',
    LICENSE: 'text\n',
    short: '#!',
  };
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'secplan-scripts-'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const select = async (more: object) => {
    const taken = await takeInventory({ root, indexFile: join(root, '../index') });
    if (!taken.ok) throw new Error('no inventory');
    const selection = { include: ['**/*.py'], interpreters: ['python'], ...more };
    const { files: selected } = await selectInput(taken.value, { selection, excludedByManifest: [] });
    return selected.map(({ path }) => path);
  };

  it('takes scripts without an ending for them, in order', async () => {
    expect(await select({})).toEqual(['a.py', 'bin/.hidden', 'bin/run', 'lib/tool']);
  });

  it('takes none of them that is excluded, or outside of what the target includes', async () => {
    expect(await select({ exclude: ['lib/**'] })).toEqual(['a.py', 'bin/.hidden', 'bin/run']);
    expect(await select({ limitTo: ['lib/**'] })).toEqual(['lib/tool']);
  });
});
