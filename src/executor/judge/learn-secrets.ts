import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Finding, placesOf } from '../../core/finding.ts';
import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import type { ReadLine } from '../../io/line-reader.ts';
import { secretValues } from './secret-span.ts';

/** Characters learned between two turns of the event loop: some 20 milliseconds of work, so that signals are obeyed. */
const TURN_CHARACTERS = 12_288;

/** Teaches the redactor the values of all secrets among a stage's findings. */
export async function learnSecrets(
  findings: readonly Pick<Finding, 'kind' | 'span' | 'alsoAt'>[],
  readLine: ReadLine,
  redactor: PublishRedactor,
): Promise<void> {
  const seen = new Set<string>();
  let values: string[] = [];
  let characters = 0;
  const spans = findings.flatMap((finding) => (finding.kind === 'secret' ? placesOf(finding) : []));
  for (const span of spans) {
    const place = JSON.stringify(span);
    // Many secrets in one long line would have the line read once for each.
    if (seen.has(place)) continue;
    seen.add(place);
    for (const value of secretValues(span, readLine)) {
      values.push(value);
      characters += value.length;
    }
    if (characters < TURN_CHARACTERS) continue;
    redactor.learn(values);
    [values, characters] = [[], 0];
    await nextTurn();
  }
  redactor.learn(values);
}
