/** `just scanner x` and the test that adds a scanner to a copy of the project hold one to what otherwise all are held to. */
const ONLY = process.env.SECPLAN_TEST_SCANNERS?.split(',');

/** Whether all scanners are tested. What shows that a test itself bites is left to such a run. */
export const TESTS_ALL = ONLY === undefined;

export function isTested(id: string): boolean {
  return ONLY === undefined || ONLY.includes(id);
}
