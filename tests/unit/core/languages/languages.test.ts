import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import {
  endingOf,
  languageNamed,
  languageNames,
  languageOfPath,
  languageOfShebang,
} from '../../../../src/core/languages/languages.ts';

describe('the language of a file', () => {
  test.each([
    ['app/a.rb', 'Ruby'],
    ['Gemfile', 'Ruby'],
    ['web/index.php', 'PHP'],
    ['a.PY', 'Python'],
    ['a.pyw', 'Python'],
    ['a.h', 'C'],
    ['a.hpp', 'C++'],
    ['a.m', 'Objective-C'],
    ['a.ts', 'TypeScript'],
    ['a.tsx', 'TypeScript'],
    ['a.mjs', 'JavaScript'],
    ['a.rs', 'Rust'],
    ['a.pl', 'Perl'],
    ['a.pm', 'Perl'],
    ['x/a.sh', 'Shell'],
    ['q.sql', 'SQL'],
    ['main.tf', 'Terraform'],
    ['x/Dockerfile', 'Dockerfile'],
    ['Dockerfile.dev', 'Dockerfile'],
    ['.github/workflows/ci.yml', 'GitHub Actions'],
    ['x/.github/workflows/ci.yaml', 'GitHub Actions'],
    ['.github/actions/x/action.yml', 'GitHub Actions'],
  ])('of %s is %s', (path, language) => {
    expect(languageOfPath(path)?.name).toBe(language);
  });

  test.each([
    ['README.md'],
    ['a.json'],
    ['k8s/deploy.yml'],
    ['.github/dependabot.yml'],
    ['.github/workflows/notes/a.yml'],
    ['Makefile'],
    ['key.p8'],
    ['a.sig'],
    ['a.svg'],
    ['a.html'],
    ['.terraform.lock.hcl'],
    ['secplan.cue'],
    ['Dockerfile.dockerignore'],
    ['.bashrc'],
    ['.py'],
    ['py'],
    ['a.'],
    ['a.py/README'],
    [''],
  ])('%s is no code', (path) => {
    expect(languageOfPath(path)).toBeUndefined();
  });

  test.each([
    ['#!/usr/bin/python3', 'Python'],
    ['#!/usr/bin/env python3', 'Python'],
    ['#!/usr/bin/env -S python3.12 -u', 'Python'],
    ['#!/usr/bin/env LANG=C ruby', 'Ruby'],
    ['#! /bin/sh -e', 'Shell'],
    ['#!/usr/bin/env node\r', 'JavaScript'],
  ])('of a script that starts with %s is %s', (line, language) => {
    expect(languageOfShebang(line)?.name).toBe(language);
  });

  test.each([['#!'], ['#!/usr/bin/env'], ['#!/bin/false'], ['python3'], ['\u007fELF'], ['']])(
    '%j starts no interpreter',
    (line) => {
      expect(languageOfShebang(line)).toBeUndefined();
    },
  );

  it('has an ending only where a name stands before it', () => {
    expect([endingOf('a/b.c.py'), endingOf('a/.py'), endingOf('a.b/c')]).toEqual([
      '.py',
      undefined,
      undefined,
    ]);
  });
});

describe('the names of languages', () => {
  it('are found in upper and lower case, and each once', () => {
    expect(languageNamed('RUBY')?.name).toBe('Ruby');
    expect(languageNamed('c++')?.name).toBe('C++');
    expect(languageNamed('Klingon')).toBeUndefined();
    const names = languageNames().map((name) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    expect([...languageNames()].sort()).toEqual(languageNames());
  });

  it('give each ending to one language', () => {
    for (const name of languageNames())
      expect(languageNamed(name)?.categories[0], name).toBe(languageNamed(name)?.category);
  });

  it('are those of docs/reference/coverage.md, which misses none', () => {
    const document = readFileSync(new URL('../../../../docs/reference/coverage.md', import.meta.url), 'utf8');
    const listed = (text: string): readonly string[] =>
      (/^The names: (.*?)\.\n\n/ms.exec(text)?.[1] ?? '').split(/,\s+/).sort();
    expect(listed(document)).toEqual(languageNames());
    expect(listed(document.replace('Haskell, ', ''))).not.toEqual(languageNames());
  });
});
