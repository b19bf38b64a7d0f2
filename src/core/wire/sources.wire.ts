import { z } from 'zod';

const jsonSchema = z.record(z.string(), z.unknown());

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
  publishUrls: z.array(z.string()).describe("Where publishers send to; the stream's key comes after it. Empty where nothing listens"),
});
export type SourceAdapterWire = z.output<typeof sourceAdapterWire>;
