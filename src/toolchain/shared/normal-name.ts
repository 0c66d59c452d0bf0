/** The name of a Python package as PEP 503 normalises it. */
export function normalName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}
