import type * as Sdk from '@dagger.io/dagger';

/** The version that is tested; `peerDependencies` of package.json names it too. */
export const SDK_VERSION = '0.21.9';

/** The one place that loads the SDK. Undefined where it is not installed: it is no part of secplan's package. */
export async function loadSdk(): Promise<typeof Sdk | undefined> {
  try {
    return await import('@dagger.io/dagger');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // What the SDK itself imports and lacks is another fault.
    if (code === 'ERR_MODULE_NOT_FOUND' && message.includes("package '@dagger.io/dagger'")) return undefined;
    throw error;
  }
}
