import { describe, expect, it } from 'vitest';
import { Resources, withResources } from '../../../../src/app/scan/frame/resources.ts';

describe('the resources of a run', () => {
  it('are closed in reverse order, each once', async () => {
    const closed: string[] = [];
    const resources = new Resources();
    for (const name of ['journal', 'runtime', 'stack']) resources.defer(() => void closed.push(name));
    await resources.close();
    await resources.close();
    expect(closed).toEqual(['stack', 'runtime', 'journal']);
  });

  it('are closed in part before the whole, and with the whole where nobody closed the part', async () => {
    for (const early of [true, false]) {
      const closed: string[] = [];
      await withResources(async (resources) => {
        resources.defer(() => void closed.push('first'));
        const part = resources.part();
        resources.defer(() => void closed.push('last'));
        part.defer(() => void closed.push('of the part'));
        if (early) await part.close();
      });
      expect(closed).toEqual(early ? ['of the part', 'last', 'first'] : ['last', 'of the part', 'first']);
    }
  });

  it('are all closed where the run throws or one of them does, and the first error is the one that is told', async () => {
    const closed: string[] = [];
    const use = (inside: Error | undefined) =>
      withResources(async (resources) => {
        resources.defer(() => void closed.push('first'));
        resources.defer(() => {
          throw new Error('cannot be closed');
        });
        if (inside !== undefined) throw inside;
      });
    await expect(use(new Error('the run failed'))).rejects.toThrow('the run failed');
    await expect(use(undefined)).rejects.toThrow('cannot be closed');
    expect(closed).toEqual(['first', 'first']);
  });
});
