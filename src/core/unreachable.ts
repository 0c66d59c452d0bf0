/** Ends every switch over a union: the compiler proves that no case is left, and a bug throws at run time. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
