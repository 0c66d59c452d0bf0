import { expect, it } from 'vitest';
import type { Manifest } from '../../../src/compiler/manifest.gen.ts';
import { checkAddresses } from '../../../src/compiler/resolve/check-addresses.ts';
import { reporter } from '../../../src/compiler/source/reporter.ts';

function found(manifest: object): readonly string[] {
  const out = reporter({ place: () => undefined, keyPlace: () => undefined });
  const whole = { apiVersion: 'secplan/v1', metadata: { name: 'x' }, ...manifest };
  checkAddresses(whole as Manifest, out);
  return out.found.map(({ code, pointer }) => `${code} ${pointer}`);
}

it.each([
  'registry.example.org/app:${CI_COMMIT_SHA}',
  'registry.example.org/app:$CI_COMMIT_SHA',
  '${REGISTRY:-docker.io}/app',
  '$(IMAGE)',
  '{{ .Values.image }}',
  'app:${',
])('an image named %s is an error', (ref) => {
  expect(
    found({
      targets: {
        images: [
          { name: 'a', ref: 'app:1' },
          { name: 'b', ref },
        ],
      },
    }),
  ).toEqual(['SP2021 /targets/images/1/ref']);
});

it('so is every other address, wherever it stands', () => {
  const url = 'https://${HOST}/';
  expect(
    found({
      targets: { http: [{ name: 'web', url }] },
      stack: { reuse: url, services: { web: { image: 'a:$TAG' } } },
      tools: { custom: { mine: { image: '${IMAGE}', report: 'sarif' } } },
      notify: [{ webhook: { url } }],
    }),
  ).toEqual([
    'SP2021 /targets/http/0/url',
    'SP2021 /stack/reuse',
    'SP2021 /stack/services/web/image',
    'SP2021 /tools/custom/mine/image',
    'SP2021 /notify/0/webhook/url',
  ]);
});

it('addresses without a variable, and what others fill in, are not', () => {
  expect(
    found({
      targets: { http: [{ name: 'web', url: 'https://user:pa$@example.org/{id}?price=5$' }] },
      stack: { services: { web: { image: 'a:1', env: { url: '${HOST}' } } } },
      tools: { zap: { options: { url: '${X}' } } },
      metadata: { name: 'x', labels: { image: '$X' } },
    }),
  ).toEqual([]);
});
