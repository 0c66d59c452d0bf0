import type { Container, ReturnType } from '@dagger.io/dagger';
import type { Failure } from '../../../core/failure.ts';
import type { Result } from '../../../core/result.ts';
import { answered, engineFailure, errorText } from './engine-failure.ts';
import type { ImageFacts } from './image-ability.ts';
import type { Session } from './open-session.ts';
import { furnish } from './stage-container.ts';
import { confined, PROBE } from './supervise.ts';

export type FoundFacts = Result<{ readonly facts: ImageFacts }, { readonly failure: Failure }>;

export const ANY = { expect: 'ANY' as ReturnType } as const;

/** Fetches an image and tries out, in it, what it has. An image that is not available is the stage's failure. */
export async function findImageFacts({ client }: Session, image: string): Promise<FoundFacts> {
  let base: Container;
  try {
    base = await client.container().from(image).sync();
  } catch (error) {
    const failure: Failure = answered(error)
      ? { reason: 'install-failed', detail: `the image ${image} is unavailable: ${errorText(error)}` }
      : engineFailure(error, `fetching ${image}`);
    return { ok: false, failure };
  }
  try {
    const words = await orElse('', () => base.withExec(PROBE, ANY).stdout());
    const supervise = /^supervise$/m.test(words);
    const setpriv = supervise && /^setpriv$/m.test(words);
    const cut = async () => {
      await base.withExec(confined(['true'], true), { insecureRootCapabilities: true }).sync();
      return true;
    };
    const cutsNetwork = setpriv && (await orElse(false, cut));
    const furnished = await furnish(client, base, setpriv).sync();
    return { ok: true, facts: { base, furnished, supervise, setpriv, cutsNetwork } };
  } catch (error) {
    return { ok: false, failure: engineFailure(error, `checking ${image}`) };
  }
}

/** What is tried may be refused by the image or the engine; a lost engine is no answer. */
async function orElse<T>(otherwise: T, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (answered(error)) return otherwise;
    throw error;
  }
}
