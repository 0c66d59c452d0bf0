/** Exit codes of spec section 5. This file alone decides which one a process ends with. */
export const EXIT = {
  pass: 0,
  failed: 1,
  usage: 2,
  infrastructure: 3,
  incomplete: 4,
  golden: 5,
  verification: 6,
  late: 7,
  changes: 8,
  bug: 70,
  interrupted: 130,
} as const;

const ORDER: readonly number[] = [
  EXIT.interrupted,
  EXIT.usage,
  EXIT.failed,
  EXIT.infrastructure,
  EXIT.incomplete,
  EXIT.late,
  EXIT.golden,
  EXIT.verification,
];

/** Of several codes that hold, the one that is given. */
export function worstExit(codes: readonly number[]): number {
  const bug = codes.find((code) => code === EXIT.bug);
  if (bug !== undefined) return bug;
  return ORDER.find((code) => codes.includes(code)) ?? codes.find((code) => code !== 0) ?? 0;
}
