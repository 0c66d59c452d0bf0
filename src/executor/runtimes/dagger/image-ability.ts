import type { Container } from '@dagger.io/dagger';

/** What an image gives to hold a tool's limits with. */
export interface ImageFacts {
  readonly base: Container;
  /** The image with the private folders of a stage. */
  readonly furnished: Container;
  /** It has a shell, `timeout` and `tail`: time, memory and sizes are limited, and a step can be cancelled. */
  readonly supervise: boolean;
  /** It has util-linux's `setpriv`: tools run as nobody, without rights. */
  readonly setpriv: boolean;
  /** It has `unshare`, and the engine lets us use it: the network can be cut. */
  readonly cutsNetwork: boolean;
}
