import type { DoneResult, IncompleteResult } from '../../executor/stage-result.ts';

/**
 * Why a run is no case of this name, with what to do; undefined where it is one. A case called `findings…` that shows
 * none, or `clean…` that shows some, would prove the opposite of what it says.
 */
export function caseRefusal(
  name: string,
  result: Pick<DoneResult, 'state' | 'findings'> | Pick<IncompleteResult, 'state' | 'failure'>,
): string | undefined {
  if (result.state === 'incomplete') {
    if (name.startsWith('unparsable') || name.startsWith('malformed')) return undefined;
    return `the run is incomplete: ${JSON.stringify(result.failure)}`;
  }
  const count = result.findings.length;
  if (name.startsWith('findings') && count === 0)
    return 'it found nothing: name a workspace that has what it looks for (just record ID findings WORKSPACE)';
  if (name.startsWith('clean') && count > 0)
    return `it found ${count}: name a workspace without flaws (just record ID clean WORKSPACE)`;
  return undefined;
}
