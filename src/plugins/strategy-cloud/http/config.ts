import { secretSource, z } from 'vedette/plugin';
import { amount, commonSettings } from '../settings.js';

export const HTTP_TASKS = ['logo', 'object', 'label', 'text', 'visual-quality'] as const;

export const httpConfig = z.strictObject({
  ...commonSettings,
  /** Where requests are posted to. */
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  /** What the service can do. */
  tasks: z.array(z.enum(HTTP_TASKS)).min(1).default(['object']),
  /** Sent as `Authorization: Bearer …`. */
  bearer: secretSource.optional(),
  /** Name of a header that carries a secret, with `headerSecret`. */
  headerName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'a header name such as X-Api-Key')
    .optional(),
  headerSecret: secretSource.optional(),
  /** Pictures in one request. */
  picturesPerRequest: z.number().int().min(1).max(64).default(8),
  /** For a picture and task; absent: the strategy is not used. 0 for a service of your own. */
  pricePerPicture: amount.optional(),
});

export type HttpConfig = z.output<typeof httpConfig>;
