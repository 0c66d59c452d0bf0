import { z } from 'zod';
import { isRecord } from '../../core/is-record.ts';

/**
 * An object of a report in which an empty list of findings is left out: then a list under another name would read as
 * nothing found. A list that has items and is neither of the schema nor among `known` is refused; other new members are not.
 */
export function withKnownLists<Shape extends z.ZodRawShape>(shape: Shape, known: readonly string[]) {
  return refusing(shape, known, (value) => Array.isArray(value) && value.length > 0);
}

/** The same of an XML element, in which one child of a name is an object and several are a list. */
export function withKnownElements<Shape extends z.ZodRawShape>(shape: Shape, known: readonly string[]) {
  return refusing(shape, known, (value) => Array.isArray(value) || isRecord(value));
}

function refusing<Shape extends z.ZodRawShape>(
  shape: Shape,
  known: readonly string[],
  holdsSomething: (value: unknown) => boolean,
) {
  const names = new Set([...Object.keys(shape), ...known]);
  return z
    .object(shape)
    .catchall(z.unknown())
    .check((context) => {
      for (const [name, value] of Object.entries(context.value)) {
        if (names.has(name) || !holdsSomething(value)) continue;
        const message = `unknown name ${JSON.stringify(name.slice(0, 60))}: what it holds would be lost`;
        context.issues.push({ code: 'custom', input: name, path: [name], message });
      }
    });
}
