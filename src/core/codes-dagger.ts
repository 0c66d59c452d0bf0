import { type CodeEntry, entry } from './code-entry.ts';

/** SP51xx: a Dagger engine and its images. */
export const DAGGER_CODES = {
  SP5100: entry(
    'error',
    'no Dagger engine',
    'The run needs a Dagger engine and could not reach one. Name one in the environment (_EXPERIMENTAL_DAGGER_RUNNER_HOST, DAGGER_SESSION_PORT) or the manifest (runtime.engine), and put the `dagger` command on PATH.',
  ),
  SP5101: entry(
    'warning',
    'image not pinned',
    'An image is named by a tag, which may point to another image later, so its results are not cached. `secplan tools lock` pins it; with --locked this is an error.',
  ),
  SP5102: entry(
    'error',
    'Dagger SDK not installed',
    'The dagger runtime needs the npm package @dagger.io/dagger, which secplan does not bring along. Install it where secplan is installed: `npm install @dagger.io/dagger`, with -g if secplan was installed with -g. The local runtime does not need it.',
  ),
  SP5103: entry(
    'warning',
    'scanners not shut in',
    'The engine or the base image does not let secplan hold a scanner to the limits of the sandbox: it runs with what the engine gives any container. The statement records it. Use a base image with a shell, findutils, util-linux and perl, and an engine that allows insecure root capabilities.',
  ),
} as const satisfies Readonly<Record<string, CodeEntry>>;
