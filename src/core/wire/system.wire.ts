import { z } from 'zod';
import { LOG_LEVELS } from '../observability/log-lines.js';
import { page, text } from './fields.js';

/** What an installation says of itself to those who keep it running. */
const bytes = z.number().int().nonnegative();

export const databaseFactsWire = z.object({
  version: z.string().describe('Of PostgreSQL'),
  sizeBytes: bytes,
  connections: z.number().int(),
  maxConnections: z.number().int(),
  tables: z
    .array(z.object({ name: z.string(), sizeBytes: bytes.describe('With indexes'), rows: z.number().describe('About') }))
    .describe('The largest; a partitioned one as one'),
});

export const aboutWire = z.object({
  version: z.string(),
  node: z.string().describe('Version of Node.js that the API runs on'),
  host: z.string().describe('The machine of the API, as everything else of it here'),
  platform: z.string().describe('Operating system and processor: `linux x64`'),
  cpus: z.number().int(),
  cpuModel: z.string(),
  memoryBytes: bytes,
  freeMemoryBytes: bytes,
  database: databaseFactsWire.extend({ isEmbedded: z.boolean() }),
});

export const licenceWire = z.object({
  name: z.string(),
  version: z.string().nullable().describe('Null for what is built into the dashboard'),
  licence: z.string().describe('As the package says: an SPDX expression in most'),
});

export const roleLogsWire = z.object({
  logs: z.array(z.object({ name: z.string(), sizeBytes: bytes, modifiedAt: z.iso.datetime() })),
  obstacle: z.enum(['none', 'unreadable']).nullable().describe('Why there are none: nobody writes them here, or the API may not read them'),
});

export const logEntryWire = z.object({
  at: z.string().nullable().describe('As it is written, UTC: a time of day, or ISO 8601'),
  level: z.enum(LOG_LEVELS).nullable().describe('Null: something else than a role wrote the line'),
  who: z.string().nullable().describe('Role, or role/component'),
  text: z.string(),
});
export const logEntriesWire = z.object({ entries: z.array(logEntryWire).describe('The newest last') });

export const logParams = z.strictObject({ name: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'the name of a log') });
export const logQuery = z.strictObject({
  level: z.enum(LOG_LEVELS).optional().describe('At least; everything when absent'),
  search: text(200).optional().describe('Part of a line, upper and lower case aside'),
  limit: page(1_000, 300),
});

export type DatabaseFactsWire = z.output<typeof databaseFactsWire>;
export type AboutWire = z.output<typeof aboutWire>;
export type LicenceWire = z.output<typeof licenceWire>;
export type RoleLogsWire = z.output<typeof roleLogsWire>;
export type LogEntriesWire = z.output<typeof logEntriesWire>;
export type LogParams = z.output<typeof logParams>;
export type LogQuery = z.output<typeof logQuery>;
