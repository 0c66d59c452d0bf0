import type { Container, ReturnType } from '@dagger.io/dagger';
import type { Failure } from '../../../core/failure.ts';
import type { Result } from '../../../core/result.ts';
import type { AttackRecord } from '../../ports.ts';
import { ATTEMPTS, attemptsScript, workedOf } from '../shared/attempts.ts';
import { seccompFilter } from '../shared/seccomp-filter.ts';
import type { FilteredArch } from '../shared/system-calls.ts';
import { type Enclosure, enclosed } from './enclose.ts';
import { answered, engineFailure, errorText } from './engine-failure.ts';
import type { ImageFacts } from './image-ability.ts';
import type { Session } from './open-session.ts';
import { FILTER, OWNER, ROOT } from './places.ts';
import { furnish } from './stage-container.ts';

export type FoundFacts = Result<{ readonly facts: ImageFacts }, { readonly failure: Failure }>;

export const ANY = { expect: 'ANY' as ReturnType } as const;

/** Stands before a command that has no rights, in an image with util-linux. */
export const BOUND = [
  ...['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs'],
  ...['--reuid=1000', '--regid=1000', '--clear-groups', '--'],
];

/** Says, a word a line, what of the image can be used, and the processor. */
const PROBE = [
  'sh',
  '-c',
  [
    'timeout -s KILL 5 true 2>/dev/null && tail -c 1 /dev/null && echo supervise',
    `${BOUND.join(' ')} true 2>/dev/null && echo setpriv`,
    'uname -m',
    'true',
  ].join('\n'),
];

const ARCHES: Readonly<Record<string, FilteredArch>> = { x86_64: 'x64', aarch64: 'arm64' };

/**
 * Fetches an image and tries out, in it, what it has. An image that is not available is the stage's failure. A tool of another
 * image than the base is shut in by the base image's programs, where they can: no program of its own ever has rights.
 */
export async function findImageFacts(
  session: Session,
  address: string,
  base: ImageFacts | 'itself' | undefined,
): Promise<FoundFacts> {
  let image: Container;
  try {
    image = await session.client.container().from(address).sync();
  } catch (error) {
    const failure: Failure = answered(error)
      ? { reason: 'install-failed', detail: `the image ${address} is unavailable: ${errorText(error)}` }
      : engineFailure(error, `fetching ${address}`);
    return { ok: false, failure };
  }
  try {
    const isBase = base === 'itself';
    const within = isBase ? undefined : base?.enclosure;
    const facts =
      isBase || base === undefined || within === undefined
        ? await factsOf(session, image, isBase)
        : await factsWithin(base, within, session, image);
    return { ok: true, facts };
  } catch (error) {
    return { ok: false, failure: engineFailure(error, `checking ${address}`) };
  }
}

/** Of an image whose own programs are around the tool. Only the base image's are trusted with capabilities. */
async function factsOf(session: Session, image: Container, trusted: boolean): Promise<ImageFacts> {
  const words = await orElse('', () => image.withExec(PROBE, ANY).stdout());
  const supervise = /^supervise$/m.test(words);
  const setpriv = supervise && /^setpriv$/m.test(words);
  const arch = ARCHES[/^(x86_64|aarch64)$/m.exec(words)?.[1] ?? ''];
  if (trusted && supervise && arch !== undefined) {
    const filter = seccompFilter({ arch }).toString('hex');
    const furnished = furnish(session.client, image, true).withNewFile(FILTER, filter);
    const attacks = await orElse(undefined, () => attacked(furnished, { arch }));
    if (attacks !== undefined)
      return { image, programs: image, furnished, supervise, setpriv, enclosure: { arch }, attacks };
  }
  const furnished = await furnish(session.client, image, setpriv).sync();
  const attacks = supervise
    ? await orElse(undefined, () => attacked(furnished, undefined, setpriv))
    : undefined;
  return {
    image,
    programs: image,
    furnished,
    supervise,
    setpriv,
    ...(attacks === undefined ? {} : { attacks }),
  };
}

interface Variables {
  readonly node: { readonly envVariables: readonly { readonly name: string; readonly value: string }[] };
}

const VARIABLES = `query ($id: ID!) { node(id: $id) { ... on Container { envVariables { name value } } } }`;

async function factsWithin(
  base: ImageFacts,
  enclosure: Enclosure,
  session: Session,
  image: Container,
): Promise<ImageFacts> {
  const { node } = await session.ask<Variables>(VARIABLES, { id: await image.id() });
  const variables = Object.fromEntries(node.envVariables.map(({ name, value }) => [name, value]));
  const furnished = base.furnished.withMountedDirectory(ROOT, image.rootfs());
  return { ...base, image, furnished, enclosure: { ...enclosure, image: variables } };
}

/**
 * A scanner's part is played, as steps are started: what it could do that it must not. The engine has the answer in its cache
 * after the first time, as it has the steps'. @throws what the SDK throws where the image or the engine lets no step be started so
 */
async function attacked(
  container: Container,
  enclosure: Enclosure | undefined,
  setpriv = false,
): Promise<AttackRecord | undefined> {
  const command = ['sh', '-c', attemptsScript(ATTEMPTS)];
  const made =
    enclosure === undefined
      ? (setpriv ? container : container.withUser(OWNER)).withExec(setpriv ? [...BOUND, ...command] : command)
      : container.withExec(
          enclosed(enclosure, { cut: true, env: {}, command, supervise: (within) => within }),
          { insecureRootCapabilities: true },
        );
  const worked = workedOf(ATTEMPTS, await made.stdout());
  return worked === undefined ? undefined : { tried: ATTEMPTS.map(({ what }) => what), worked };
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
