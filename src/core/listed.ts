/** The first `most` of a list and how many more there are: `a, b and 3 more`. */
export function listed(items: readonly string[], most: number, separator = ', '): string {
  const more = items.length > most ? ` and ${items.length - most} more` : '';
  return `${items.slice(0, most).join(separator)}${more}`;
}
