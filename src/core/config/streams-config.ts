import { z } from 'zod';
import { nameSchema } from '../plugin-api/index.js';
import { isStorable } from './text.js';

/** As a host name; the database holds streams' pins against the same. */
export const INGEST_NODE_NAME = /^[a-z0-9][a-z0-9.-]{0,62}$/i;
/** Of a stream. */
export const STREAM_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** An entry of `streams`. */
export const declaredStream = z.strictObject({
  name: z
    .string()
    .regex(STREAM_NAME, 'lower-case letters, digits, "-" and "_", at most 63, beginning with a letter or digit')
    .describe("The stream's name; a stream that has it already is the one that is meant"),
  title: nameSchema(200).optional().describe('Shown to people; the name when absent'),
  adapter: z.string().min(1).max(100).default('rtmp').describe('Id of the source adapter; `vedette sources list` prints them'),
  config: z
    .record(z.string().max(100), z.unknown())
    .refine(isStorable, 'without the character NUL, and well-formed')
    .default({})
    .describe("The stream's source config, checked by the adapter's own schema"),
  enabled: z.boolean().default(true).describe('Whether it runs, or admits publishers'),
  private: z.boolean().default(false).describe('Visible to admins only'),
  node: z
    .string()
    .regex(INGEST_NODE_NAME, "an ingest node's name")
    .optional()
    .describe('The only ingest node that may run it or admit its publishers; any when absent'),
});
export type DeclaredStream = z.output<typeof declaredStream>;

/** `streams` of the config file. */
export const streamsConfig = z
  .array(declaredStream)
  .max(10_000)
  .superRefine((streams, context) => {
    const names = streams.map(({ name }) => name);
    for (const [index, name] of names.entries())
      if (names.indexOf(name) !== index)
        context.addIssue({ code: 'custom', path: [index, 'name'], message: `${name} is declared twice`, input: name });
  })
  .default([])
  .describe(
    'Streams that the ingest role makes at its start, and changes when this list does: by name. They are changed here, not by REST. One ' +
      'that is taken out of the list is switched off',
  );
