import * as z from 'zod';

/** Text that canonical JSON can hold. */
export const text = z.string().refine((value) => value.isWellFormed());

export const word = text.refine((value) => value !== '');

/** What is not of the form counts as not there: the producer's own document stays in the bundle as it is. */
export function optional<T extends z.ZodType>(schema: T) {
  return schema.optional().catch(undefined);
}

/** The items of the form; one that is not is left out, all when it is no list. */
export function listOf<T extends z.ZodType>(schema: T) {
  return z
    .array(z.unknown())
    .catch([])
    .transform((items) =>
      items.flatMap((item): z.infer<T>[] => {
        const read = schema.safeParse(item);
        return read.success ? [read.data] : [];
      }),
    );
}
