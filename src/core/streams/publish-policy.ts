import { z, type ZodType } from 'zod';
import { NetworkList, networkRange, type SourceAdapterDefinition } from '../plugin-api/index.js';

/** What a stream that publishers connect to says of them, in its `sourceConfig`: the same whatever listener they come by. */
export const publishPolicySchema = z.strictObject({
  networks: z
    .array(networkRange)
    .min(1)
    .max(200)
    .optional()
    .describe('Addresses and networks (`10.0.0.0/8`) from which publishers may come; every one when absent'),
  takeover: z
    .boolean()
    .optional()
    .describe(
      'Whether a publisher takes the stream over from one that publishes already; else it is refused. The listener decides when absent',
    ),
});

/** What a stream's `sourceConfig` is checked by: a listener itself is configured in the config file. */
export function streamConfigOf({ kind, config }: Pick<SourceAdapterDefinition, 'kind' | 'config'>): ZodType {
  return kind === 'listener' ? publishPolicySchema : config;
}

export interface PublishPolicy {
  readonly networks: NetworkList;
  readonly takeover: boolean | undefined;
}

/** Of a stream's `sourceConfig`. One that is not valid admits nobody: it cannot be told whom it was to keep out. */
export function publishPolicyOf(sourceConfig: Readonly<Record<string, unknown>>): PublishPolicy {
  const read = publishPolicySchema.safeParse(sourceConfig);
  if (!read.success) return { networks: new NetworkList([]), takeover: false };
  return { networks: new NetworkList(read.data.networks), takeover: read.data.takeover };
}
