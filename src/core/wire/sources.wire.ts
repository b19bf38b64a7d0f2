import { z } from 'zod';

const jsonSchema = z.record(z.string(), z.unknown());

const pagesWire = z.object({
  path: z.string().describe("The WebSocket that pages send to, relative to the server's root"),
  mimeTypes: z
    .array(z.object({ mimeType: z.string(), isCopied: z.boolean().describe('Pictures are kept as they come; else they are encoded anew') }))
    .describe('What a MediaRecorder may be made with, the best first'),
});

/** A way for media to come in, as REST and `vedette sources list` give it. */
export const sourceAdapterWire = z.object({
  id: z.string().describe('What a stream names as its `adapterId`'),
  pluginId: z.string(),
  version: z.string(),
  title: z.string(),
  kind: z.enum(['listener', 'stream']).describe('`listener`: one server for many streams; `stream`: one source per stream'),
  configSchema: jsonSchema.describe(
    "JSON Schema of the adapter's config: of a `stream` adapter what a stream's `sourceConfig` holds, of a `listener` what stands under " +
      '`plugins[].sources.<id>` in the config file',
  ),
  pages: pagesWire.nullable().describe('How web pages send what their camera records; null where the adapter takes none'),
  publishUrls: z.array(z.string()).describe("Where publishers send to; the stream's key comes after it. Empty where nothing listens"),
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
