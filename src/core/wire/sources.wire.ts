import { z } from 'zod';
import { page, uuid } from './fields.js';

const jsonSchema = z.record(z.string(), z.unknown());

const pagesWire = z.object({
  path: z.string().describe("The WebSocket that pages send to, relative to the server's root"),
  mimeTypes: z
    .array(z.object({ mimeType: z.string(), isCopied: z.boolean().describe('Pictures are kept as they come; else they are encoded anew') }))
    .describe('What a MediaRecorder may be made with, the best first'),
});

/** A listener in an ingest process. */
export const listenerWire = z.object({
  host: z.string().describe('The machine that it runs on'),
  state: z.enum(['starting', 'live', 'retrying', 'failed', 'stopped', 'pending']).describe('`live`: it listens'),
  detail: z.string().nullable().describe('What is wrong, for admins'),
});
export type ListenerWire = z.output<typeof listenerWire>;

/** A way for media to come in, as REST and `vedette sources list` give it. */
export const sourceAdapterWire = z.object({
  id: z.string().describe('What a stream names as its `adapterId`'),
  pluginId: z.string(),
  version: z.string(),
  title: z.string(),
  kind: z.enum(['listener', 'stream']).describe('`listener`: one server for many streams; `stream`: one source per stream'),
  configSchema: jsonSchema.describe("JSON Schema of a stream's `sourceConfig`"),
  listenerSchema: jsonSchema
    .nullable()
    .describe("JSON Schema of a listener's own config, under `plugins[].sources.<id>` in the config file; null for `stream` adapters"),
  pages: pagesWire.nullable().describe('How web pages send what their camera records; null where the adapter takes none'),
  publishUrls: z.array(z.string()).describe("Where publishers send to; the stream's key comes after it. Empty where nothing listens"),
  listeners: z.array(listenerWire).describe('How it is in each ingest process that runs; of `stream` adapters none'),
});

/** Something of a machine that an adapter can open. */
export const sourceDeviceWire = z.object({
  id: z.string().describe("What a stream's `sourceConfig` names; the same after a restart"),
  title: z.string(),
  aliases: z.array(z.string()).describe('Other names of it, which may be those of another device after a restart'),
  modes: z.array(
    z.object({
      widthPx: z.number().int(),
      heightPx: z.number().int(),
      pixelFormat: z.string().nullable(),
      minFramesPerSecond: z.number().nullable(),
      maxFramesPerSecond: z.number().nullable(),
    }),
  ),
  problem: z.string().nullable().describe('Why its modes cannot be told'),
});
export type SourceDeviceWire = z.output<typeof sourceDeviceWire>;

export const sourceDevicesWire = z.object({
  host: z.string().describe('The machine that was looked at: that of the API role'),
  items: z.array(sourceDeviceWire),
});
export type SourceDevicesWire = z.output<typeof sourceDevicesWire>;

export type SourceAdapterWire = z.output<typeof sourceAdapterWire>;

/** Publishers that were refused in the same way, added up. */
export const publishRefusalWire = z.object({
  id: z.string().regex(/^\d+$/).describe('Decimal row id'),
  address: z.string().nullable().describe('Where the publisher came from; null: several addresses'),
  code: z.string().describe('`VD_INGEST_KEY_UNKNOWN`, `VD_INGEST_KEY_REVOKED`, …'),
  reason: z.string(),
  fix: z.string().nullable().describe('What to do about it'),
  streamId: uuid.nullable().describe('The stream that the key is or was for'),
  app: z.string().nullable().describe('Application name that the publisher used'),
  keyHint: z.string().nullable().describe('How the key looked: never the key'),
  count: z.number().int(),
  firstAt: z.iso.datetime(),
  lastAt: z.iso.datetime(),
});
export type PublishRefusalWire = z.output<typeof publishRefusalWire>;

export const refusalsQuery = z.strictObject({ streamId: uuid.optional(), limit: page(1_000, 100) });
export type RefusalsQuery = z.output<typeof refusalsQuery>;
