import { describe, expect, it } from 'vitest';
import type { ReadSbom } from '../../../src/evidence/audit-licenses.ts';
import { ownProducts } from '../../../src/evidence/own-products.ts';
import type { Plan } from '../../../src/planner/ir/ir.ts';

const sbom = (target: string, component: unknown): ReadSbom => ({
  stage: 's',
  output: 'o',
  path: 'p',
  ownPath: 'p',
  state: 'done',
  target,
  text: JSON.stringify({ bomFormat: 'CycloneDX', metadata: { component } }),
});

function planOf(refs: readonly string[]): Plan {
  const stages = refs.map((ref, index) => ({
    target: { kind: 'image', name: `i${index}`, details: { ref } },
  }));
  return { stages } as unknown as Plan;
}

describe('ownProducts', () => {
  it('are images by their address, and what bills of materials are of', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(
      ownProducts(planOf(['ghcr.io/acme/shop:1.2', `debian@${digest}`, 'no image']), [
        sbom('source', { purl: 'pkg:github/acme/shop@2' }),
        sbom('source', { name: 'without' }),
        { ...sbom('source', {}), text: '{' },
      ]),
    ).toEqual([
      { target: 'i0', id: 'pkg:oci/shop?repository_url=ghcr.io%2Facme%2Fshop&tag=1.2' },
      {
        target: 'i1',
        id: `pkg:oci/debian@sha256%3A${'a'.repeat(64)}?repository_url=docker.io%2Flibrary%2Fdebian`,
      },
      { target: 'source', id: 'pkg:github/acme/shop@2' },
    ]);
  });
});
