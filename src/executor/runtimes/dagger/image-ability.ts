import type { Container } from '@dagger.io/dagger';
import type { AttackRecord } from '../../ports.ts';
import type { Enclosure } from './enclose.ts';

/** What an image gives to hold a tool's limits with. */
export interface ImageFacts {
  /** The image in which the tool lies. */
  readonly image: Container;
  /** Where a stage's steps run: the base image with the tool's own at `ROOT`, or where that cannot be, the tool's own alone. */
  readonly furnished: Container;
  /** Has the programs around a step, and nothing of a stage. */
  readonly programs: Container;
  /** There is a shell, `timeout` and `tail`: time, memory and sizes are limited, and a step can be cancelled. */
  readonly supervise: boolean;
  /** It has util-linux's `setpriv`: tools run as nobody, without rights. Not asked where they are enclosed. */
  readonly setpriv: boolean;
  /** Base image and engine let the tool be shut in; absent: it runs as the engine starts any command. */
  readonly enclosure?: Enclosure;
  /** What was tried from inside; absent where nothing could be. */
  readonly attacks?: AttackRecord;
}
