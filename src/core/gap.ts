import { unreachable } from './unreachable.ts';

/** Something that a run does not look at or make although it seems covered. */
export type Gap =
  /** An option of a scanner leaves it out; `what` is the scanner's own phrase. */
  | { readonly kind: 'by-option'; readonly what: string }
  /** The profile promises it and the manifest does not provide for it. */
  | { readonly kind: 'promised'; readonly what: PromisedEvidence }
  | { readonly kind: 'no-scanner'; readonly target: string };

/** What a profile may promise besides findings. */
export type PromisedEvidence = 'signature' | 'delivery' | 'message';

const PROMISED: Readonly<Record<PromisedEvidence, string>> = {
  signature: 'a signature of the evidence (no evidence.sign)',
  delivery: 'a delivery of the bundle (no delivery)',
  message: 'a message about the run (no notify)',
};

/** A fact beside its one line for people: documents carry both, and nothing decides by the text. */
export type WithText<Fact> = Fact & { readonly text: string };

/** Their lines for people, in order. */
export function textsOf(facts: readonly WithText<object>[]): readonly string[] {
  return facts.map(({ text }) => text);
}

/** The gap with its one line for people. */
export function withText(gap: Gap): WithText<Gap> {
  return { ...gap, text: gapText(gap) };
}

function gapText(gap: Gap): string {
  switch (gap.kind) {
    case 'by-option':
      return gap.what;
    case 'promised':
      return PROMISED[gap.what];
    case 'no-scanner':
      return `${gap.target}: no scanner in this plan reads it`;
    default:
      return unreachable(gap);
  }
}
