import { z } from 'zod';
import { text } from '../config/text.js';

/** What inputs of the API are made of, wherever they come from. */
export { lines, text } from '../config/text.js';

export const uuid = z.uuid();

/** Years that clocks, PostgreSQL and JavaScript agree on, with room for what is added and taken away. */
const [FIRST_MS, LAST_MS] = [0, Date.UTC(9999, 0, 1)] as const;
export const instant = z.iso
  .datetime({ offset: true })
  .refine((value) => Date.parse(value) >= FIRST_MS && Date.parse(value) < LAST_MS, 'a time between 1970 and 9999')
  .describe('ISO 8601 with time zone');

/** An integer in a query string. */
export const int = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d{1,16}$/, 'an integer')
    .transform(Number)
    .pipe(z.number().int().min(min).max(max));

/** How many to give at most, in a query string. */
export const page = (max: number, fallback: number) =>
  int(1, max)
    .optional()
    .transform((value) => value ?? fallback)
    .describe(`At most ${max}; ${fallback} when absent`);

/** A score in a query string. */
export const score = z
  .string()
  .regex(/^(0|1|0?\.\d{1,6}|1\.0{1,6})$/, '0 to 1')
  .transform(Number);

/** Repeated (`name=a&name=b`) or separated by commas. */
export const list = <T extends z.ZodType<string, string>>(item: T) =>
  z
    .union([z.string().max(2_000), z.array(z.string().max(200)).max(50)])
    .transform((value) => (typeof value === 'string' ? value.split(',') : value))
    .pipe(z.array(item).min(1).max(50));

/** A row's id in a query string. */
export const rowId = z.string().regex(/^\d{1,18}$/, 'the id of a row');
/** Whose results are meant. */
export const analyzerId = text(200);
