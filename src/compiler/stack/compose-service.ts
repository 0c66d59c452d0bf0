import * as z from 'zod';

const text = z.string().max(65_536);
const scalar = z.union([text, z.number(), z.boolean(), z.null()]);
const words = z.union([text, z.array(z.union([text, z.number()])).max(1000)]);
const port = z.int().min(1).max(65_535);
const count = z.int().min(0).max(1000);
const argv = z.array(text).min(1).max(1000);
const reference = z.string().min(1).max(512);

/** The parts of a Compose service that secplan reads, in the forms of the Compose specification. */
export const composeService = z.looseObject({
  image: reference.optional(),
  build: z.union([text, z.looseObject({ context: text })]).optional(),
  command: words.nullish(),
  environment: z.union([z.record(z.string(), scalar), z.array(text)]).optional(),
  ports: z.array(z.union([port, text, z.looseObject({ target: port })])).optional(),
  expose: z.array(z.union([port, text])).optional(),
  healthcheck: z
    .looseObject({
      test: words.optional(),
      interval: text.optional(),
      timeout: text.optional(),
      start_period: text.optional(),
      retries: count.optional(),
      disable: z.boolean().optional(),
    })
    .optional(),
  depends_on: z
    .union([z.array(text), z.record(z.string(), z.looseObject({ condition: text.optional() }).nullable())])
    .optional(),
  'x-secplan': z
    .strictObject({
      command: argv.optional(),
      health: z
        .strictObject({
          http: z.string().startsWith('/').optional(),
          tcp: port.optional(),
          command: argv.optional(),
          interval: text.optional(),
          timeout: text.optional(),
        })
        .refine(({ http, tcp, command }) => [http, tcp, command].filter(Boolean).length === 1, {
          error: 'one of http, tcp and command',
        })
        .optional(),
    })
    .optional(),
});

export type ComposeService = z.infer<typeof composeService>;
