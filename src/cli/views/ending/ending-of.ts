import type { Severity } from '../../../core/severity.ts';
import type { Flags } from '../../shared/command-spec.ts';
import type { Console } from '../../shared/console.ts';
import type { Ending } from './ending.ts';

/** How a verdict is printed here, by DETAIL_OPTIONS. */
export function endingOf({ cwd, paint, width }: Console, { quiet, verbose, severity }: Flags): Ending {
  return {
    cwd,
    paint,
    width,
    detail: quiet === true ? 'quiet' : verbose === true ? 'verbose' : 'normal',
    ...(severity === undefined ? {} : { lowest: severity as Severity }),
  };
}
