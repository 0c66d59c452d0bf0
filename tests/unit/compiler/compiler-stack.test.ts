import { describe, expect, test } from 'vitest';
import type { Model } from '../../../src/compiler/model/model.ts';
import { parseJson } from '../../../src/compiler/read/parse-json.ts';
import { type ResolveRequest, resolve } from '../../../src/compiler/resolve/resolve.ts';
import { composeParts, envParts } from '../../../src/compiler/stack/env-parts.ts';
import { fromCompose } from '../../../src/compiler/stack/from-compose.ts';
import { splitWords } from '../../../src/compiler/stack/split-words.ts';
import { validate } from '../../../src/compiler/validate/validate.ts';
import { type Outcome, success } from '../../../src/core/outcome.ts';
import { renderDiagnostics } from '../../../src/core/render-diagnostic.ts';
import { fakeCatalogue } from '../../support/compiler-catalogue.ts';

/** Resolves a manifest whose Compose file, where it names one, is `compose`. */
function outcome(part: object, compose = '', request: Partial<ResolveRequest> = {}): Outcome<Model> {
  const manifest = { apiVersion: 'secplan/v1', metadata: { name: 'shop' }, ...part };
  const tree = parseJson('m.json', JSON.stringify(manifest));
  if (!tree.ok) throw new Error(renderDiagnostics(tree.diagnostics));
  const valid = validate(tree.value);
  if (!valid.ok) throw new Error(renderDiagnostics(valid.diagnostics));
  const { place, keyPlace } = tree.value;
  const facts = { lookup: () => 'folder' as const, text: () => success(compose) };
  const catalogue = fakeCatalogue(['bandit', 'probe'], { probe: 'http' });
  return resolve({ manifest: valid.value, place, keyPlace }, { catalogue, facts, fromCompose, ...request });
}

function model(part: object, compose = '', request: Partial<ResolveRequest> = {}): Model {
  const result = outcome(part, compose, request);
  if (!result.ok) throw new Error(renderDiagnostics(result.diagnostics));
  return result.value;
}

const said = (part: object, compose = '', request: Partial<ResolveRequest> = {}) =>
  outcome(part, compose, request).diagnostics.map(({ code, place }) => `${code} ${place?.line ?? '-'}`);

describe('services of the manifest', () => {
  test('are sorted, with secrets by name only and defaults filled in', () => {
    const { stack } = model({
      secrets: { DB: 'env:DB' },
      stack: {
        services: {
          web: { command: ['node', 'web.mjs'], ports: [8080], dependsOn: ['db', 'db'] },
          db: {
            image: 'postgres:15',
            ports: [5432, 5432],
            // biome-ignore lint/suspicious/noTemplateCurlyInString: the manifest's own notation
            env: { B: 'x', A: 'u:${DB}@h/$${x}', C: 'secret:DB' },
          },
        },
      },
    });
    expect(stack).toEqual({
      from: 'services',
      services: [
        {
          name: 'db',
          image: 'postgres:15',
          folder: '.',
          ports: [5432],
          // biome-ignore lint/suspicious/noTemplateCurlyInString: the manifest's own notation
          env: { A: ['u:', { secret: 'DB' }, '@h/${x}'], B: ['x'], C: [{ secret: 'DB' }] },
          health: { check: { kind: 'tcp', port: 5432 }, intervalMs: 1000, timeoutMs: 60_000 },
          dependsOn: [],
          pointer: '/stack/services/db',
        },
        {
          name: 'web',
          command: ['node', 'web.mjs'],
          localCommand: ['node', 'web.mjs'],
          folder: '.',
          ports: [8080],
          env: {},
          health: { check: { kind: 'tcp', port: 8080 }, intervalMs: 1000, timeoutMs: 60_000 },
          dependsOn: ['db'],
          pointer: '/stack/services/web',
        },
      ],
    });
  });

  test('one without a port and a check only has to live', () => {
    const { stack } = model({ stack: { services: { job: { command: ['x'] } } } });
    expect(stack?.services[0]?.health.check).toEqual({ kind: 'alive' });
  });
});

describe('a Compose file', () => {
  const compose = `
services:
  web:
    build: {context: web}
    image: shop/web:\${TAG:-dev}
    command: serve --name "two words"
    environment: {DSN: "postgres://\${DB}@db", LEVEL: "\${LEVEL:-info}", PRICE: "5$$", PORT: 80, DB: null}
    ports: ["127.0.0.1:8080:80", {target: 81}]
    expose: ["82/tcp"]
    depends_on: {db: {condition: service_healthy}}
    x-secplan: {command: [node, server.mjs], health: {http: /up, timeout: 5s}}
  db:
    image: postgres:15
    restart: always
    healthcheck: {test: [CMD-SHELL, "pg_isready -U app"], interval: 2s, timeout: 3s, retries: 20, start_period: 10s}
    volumes: ["data:/var/lib/postgresql/data"]
volumes: {data: {}}
`;
  const part = { secrets: { DB: 'env:DB' }, stack: { compose: 'deploy/compose.yaml' } };

  test('is read as the manifest own services are', () => {
    const [db, web] = model(part, compose).stack?.services ?? [];
    expect(web).toEqual({
      name: 'web',
      image: 'shop/web:dev',
      build: 'deploy/web',
      command: ['serve', '--name', 'two words'],
      localCommand: ['node', 'server.mjs'],
      folder: 'deploy',
      ports: [80, 81, 82],
      env: {
        DB: [{ secret: 'DB' }],
        DSN: ['postgres://', { secret: 'DB' }, '@db'],
        LEVEL: ['info'],
        PORT: ['80'],
        PRICE: ['5$'],
      },
      health: { check: { kind: 'http', path: '/up', port: 80 }, intervalMs: 1000, timeoutMs: 5000 },
      dependsOn: ['db'],
      pointer: '/stack/compose',
    });
    expect(db?.health).toEqual({
      check: { kind: 'command', command: ['/bin/sh', '-c', 'pg_isready -U app'] },
      intervalMs: 2000,
      timeoutMs: 110_000,
    });
    expect(db?.localCommand).toBeUndefined();
  });

  test('says which keys have no effect, and goes on', () => {
    expect(said(part, compose)).toEqual(['SP2045 16']);
  });

  test.each([
    ['is no mapping', '[]', ['SP2044 1']],
    ['has no service', 'services: {}', ['SP2044 1']],
    ['is empty', '', ['SP2044 1']],
    ['has too many services', `services:\n${names(101)}`, ['SP2044 2']],
    ['names an alias that does not exist', 'services: {a: {image: *z}}', ['SP1006 1']],
    [
      'wants the environment of whoever runs it',
      'services: {a: {image: x, environment: [HOME]}}',
      ['SP2013 1'],
    ],
    ['is deeper than allowed', `services: ${'['.repeat(80)}`, ['SP1004 1']],
  ])('that %s is refused', (_, text, expected) => {
    expect(said({ stack: { compose: 'c.yaml' } }, text)).toEqual(expected);
  });
});

function names(count: number): string {
  return Array.from({ length: count }, (_, index) => `  s${index}: {image: x}\n`).join('');
}

describe('which stack a profile gets', () => {
  const heavy = { profile: 'heavy' };
  test('heavy without one is given a placeholder and a target that is it', () => {
    const resolved = model({}, '', heavy);
    expect(resolved.stack?.from).toBe('placeholder');
    expect(resolved.targets.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'http placeholder',
      'source source',
    ]);
  });

  test('not where the manifest has HTTP targets of its own, and light has none', () => {
    const resolved = model({ targets: { http: [{ name: 'live', url: 'https://x.org' }] } }, '', heavy);
    expect(resolved.stack).toBeUndefined();
    expect(model({}).stack).toBeUndefined();
  });

  test('a base URL wins over services, whose names stay known', () => {
    const part = {
      stack: { services: { api: { image: 'x' } } },
      targets: { http: [{ name: 'one', service: 'api' }] },
    };
    const reused = model(part, '', { stackBaseUrl: 'http://127.0.0.1:9' });
    expect(reused.stack).toEqual({ from: 'reuse', reuse: 'http://127.0.0.1:9', services: [] });
    const typo = { ...part, targets: { http: [{ name: 'one', service: 'apy' }] } };
    expect(said(typo, '', { stackBaseUrl: 'http://127.0.0.1:9' })).toEqual(['SP2040 1']);
    expect(said({}, '', { stackBaseUrl: 'ftp://x' })).toEqual(['SP2005 -']);
  });

  test('a base URL is a stack for whoever needs one', () => {
    const request = { requiresStack: true, stackBaseUrl: 'http://127.0.0.1:9' };
    expect(model({}, '', request).requiresStack).toBe(true);
    expect(said({}, '', { requiresStack: true })).toEqual(['SP2018 -']);
  });
});

/* biome-ignore-start lint/suspicious/noTemplateCurlyInString: the notation itself */
test.each([
  ['plain', ['plain']],
  ['', []],
  ['${A}${B}', [{ secret: 'A' }, { secret: 'B' }]],
  ['$A $', ['$A $']],
  ['a${', 1],
  ['secret:A', [{ secret: 'A' }]],
  ['secret:A b', ['secret:A b']],
])('manifest value %j', (text, expected) => {
  const read = envParts(text);
  expect(read.ok ? read.parts : read.unclear).toEqual(expected);
});

test.each([
  ['$A-$$-${B:-x}', [{ secret: 'A' }, '-$-x']],
  ['${K:-x}', [{ secret: 'K' }]],
  ['${B-}', []],
  ['${B:?no}', 0],
  ['5$', 1],
])('Compose value %j', (text, expected) => {
  const read = composeParts(text, new Set(['K']));
  expect(read.ok ? read.parts : read.unclear).toEqual(expected);
});
/* biome-ignore-end lint/suspicious/noTemplateCurlyInString: the notation itself */

test.each([
  [`a 'b c' "d\\"e" f\\ g ""`, ['a', 'b c', 'd"e', 'f g', '']],
  ["a 'b", undefined],
  ['a\\', undefined],
  ['  ', []],
])('words of %j', (text, expected) => {
  expect(splitWords(text)).toEqual(expected);
});
