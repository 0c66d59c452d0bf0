import type { CommandTarget, TargetKind } from '../contract/target.ts';

/** One target of each kind, as a manifest has it: what cases are recorded on unless they say otherwise. */
export const WORLD_TARGETS = {
  source: { path: '.' },
  privacy: [{ name: 'pack', path: 'pack' }],
  images: [{ name: 'app', archive: 'image.tar' }],
  http: [
    {
      name: 'api',
      url: 'http://127.0.0.1:8080',
      openapi: 'api/openapi.json',
      graphql: 'api/schema.graphql',
      postman: 'api/collection.json',
    },
  ],
  iac: [{ name: 'infra', path: 'infra' }],
  binaries: [{ name: 'tool', path: 'bin/tool' }],
  kubernetes: [{ name: 'cluster', manifests: 'k8s' }],
  cloud: [{ name: 'account', provider: 'aws', account: '123456789012' }],
  fuzz: [{ name: 'parser', binary: 'fuzz/parser', seeds: 'fuzz/seeds', seconds: 5 }],
} as const;

/** The files behind those targets. */
export const TARGET_FILES: Readonly<Record<string, string>> = {
  'pack/clean.txt': 'nothing here\n',
  'image.tar': 'an image\n',
  'api/openapi.json': '{"openapi":"3.1.0","info":{"title":"api","version":"1"},"paths":{}}\n',
  'api/schema.graphql': 'type Query { ping: String }\n',
  'api/collection.json': '{"info":{"name":"api"},"item":[]}\n',
  'infra/main.tf': 'terraform {}\n',
  'bin/tool': 'a binary\n',
  'k8s/pod.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: []}\n',
  'fuzz/parser': '#!/bin/sh\n',
  'fuzz/seeds/1': 'seed\n',
};

/** The tree of the fault matrix: a file for almost every scanner. The others name theirs in `files` of cases/faults.json. */
export const WORLD_FILES: Readonly<Record<string, string>> = {
  'README.md': '# nothing\n',
  'add.py': 'def add(a, b):\n    return a + b\n',
  'sum.c': 'int sum(int a, int b) {\n  return a + b;\n}\n',
  'main.tf': 'terraform {}\n',
  Dockerfile: 'FROM scratch\n',
  'main.go': 'package main\n\nfunc main() {}\n',
  '.github/workflows/ci.yml': 'name: ci\non: [push]\njobs: {}\n',
  'requirements.txt': 'six==1.16.0\n',
  ...TARGET_FILES,
  'src/refund.py': 'def refund():\n    return 0\n',
  'scan.sh': '#!/bin/sh\nexit 97\n',
};

const LISTS = {
  privacy: ['privacy', 'path'],
  image: ['images', 'archive'],
  http: ['http', undefined],
  iac: ['iac', 'path'],
  binary: ['binaries', 'path'],
  kubernetes: ['kubernetes', 'manifests'],
  cloud: ['cloud', undefined],
  fuzz: ['fuzz', undefined],
} as const;

/** The target of a kind as a command and a parser see it. */
export function worldTarget(kind: TargetKind): CommandTarget {
  if (kind === 'none') return { kind, name: 'none', details: {} };
  if (kind === 'source') return { kind, name: 'source', path: '.', details: {} };
  const [list, at] = LISTS[kind];
  const { name, ...rest } = WORLD_TARGETS[list][0] as { readonly name: string } & Record<string, unknown>;
  const path = at === undefined ? undefined : String(rest[at]);
  const details = Object.fromEntries(Object.entries(rest).filter(([key]) => key !== 'path'));
  return { kind, name, ...(path === undefined ? {} : { path }), details };
}

/** The same as the member of `targets` that makes it; undefined for what is not a target of a manifest's. */
export function manifestTarget(
  target: CommandTarget,
): Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> | undefined {
  const { kind, name, path, details } = target;
  if (kind === 'none' || kind === 'source') return undefined;
  const [list] = LISTS[kind];
  const files = { privacy: 'path', iac: 'path', binary: 'path' } as const;
  const own = kind in files && path !== undefined ? { path } : {};
  return { [list]: [{ name, ...own, ...details }] };
}
