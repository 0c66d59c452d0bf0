import type { Failure } from './failure.ts';
import { failureText } from './failure-text.ts';
import { listed } from './listed.ts';
import { unreachable } from './unreachable.ts';

/** Why a tool has no stage, or a stage did not start, where that is no failure. */
export type NotRun =
  | { readonly kind: 'not-in-profile'; readonly profile: string }
  | { readonly kind: 'disabled-by-profile'; readonly profile: string }
  /** `setting` is the key of the manifest that is false, for example `tools.bandit.enabled`. */
  | { readonly kind: 'disabled-by-setting'; readonly setting: string }
  /** A built-in profile names it and this version does not hold it: no choice of the user's. */
  | { readonly kind: 'not-in-version' }
  | { readonly kind: 'not-named-by-only' }
  | { readonly kind: 'skipped-by-flag' }
  | { readonly kind: 'no-target'; readonly targetKind: string }
  /** The targets of its kind have none of these details. */
  | {
      readonly kind: 'target-lacks';
      readonly targetKind: string;
      readonly targets: readonly string[];
      readonly details: readonly string[];
    }
  | { readonly kind: 'placeholder-only' }
  | {
      readonly kind: 'no-file-matches';
      readonly include: readonly string[];
      readonly limitTo: readonly string[];
      readonly filesSeen: number;
    }
  /** There are files that it could read, and none of the kind that makes it apply. */
  | { readonly kind: 'does-not-apply'; readonly appliesIf: readonly string[]; readonly filesSeen: number }
  | { readonly kind: 'all-excluded'; readonly files: number }
  | {
      readonly kind: 'input-not-made';
      readonly input: string;
      readonly producer: string;
      readonly because: NotRun;
    }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'stopped-by-failure'; readonly failure: Failure }
  | {
      readonly kind: 'stopped-by-budget';
      readonly severity: string;
      readonly count: number;
      readonly limit: number;
    }
  | { readonly kind: 'no-packages' };

/** Its one line for people. */
export function notRunText(why: NotRun): string {
  switch (why.kind) {
    case 'not-in-profile':
      return `not in profile ${why.profile}`;
    case 'disabled-by-profile':
      return `disabled by profile ${why.profile}`;
    case 'disabled-by-setting':
      return `${why.setting} is false`;
    case 'not-in-version':
      return 'not in this version';
    case 'not-named-by-only':
      return 'not named by --only';
    case 'skipped-by-flag':
      return '--skip';
    case 'no-target':
      return `the manifest has no target of kind ${why.targetKind}`;
    case 'target-lacks':
      return `no ${why.targetKind} target (${why.targets.join(', ')}) has ${why.details.join(' or ')}`;
    case 'placeholder-only':
      return 'placeholder only: the manifest has no stack';
    case 'no-file-matches': {
      const limit = why.limitTo.length > 0 ? ` limited to ${globsText(why.limitTo)}` : '';
      return `no file matches ${globsText(why.include)}${limit} (${why.filesSeen} files seen)`;
    }
    case 'does-not-apply':
      return `no file matches ${globsText(why.appliesIf)} (${why.filesSeen} readable files seen)`;
    case 'all-excluded':
      return `${why.files} matching ${why.files === 1 ? 'file' : 'files'}, all excluded by the manifest`;
    case 'input-not-made':
      return `needs ${why.input} of ${why.producer}: ${notRunText(why.because)}`;
    case 'interrupted':
      return 'the run was interrupted';
    case 'stopped-by-failure':
      return `stopped: ${failureText(why.failure)}`;
    case 'stopped-by-budget':
      return `stopped by --fail-fast: ${why.count} ${why.severity} of ${why.limit}`;
    case 'no-packages':
      return 'no target with packages';
    default:
      return unreachable(why);
  }
}

/** The first globs of a list, and how many more there are. */
export function globsText(globs: readonly string[]): string {
  return listed(globs, 3);
}
