import { z } from 'zod';
import { uuid } from './fields.js';

const iso = z.iso.datetime().describe('ISO 8601, UTC');

/** A stream key, without the key. */
export const streamKeyWire = z.object({
  id: uuid,
  hint: z.string().describe('Last characters of the key'),
  createdAt: iso,
  revokedAt: iso.nullable(),
  expiresAt: iso.nullable().describe('It opens the stream until then; null: until it is revoked'),
  lastUsedAt: iso.nullable().describe('When a publisher was last let in with it'),
  lastAddress: z.string().nullable().describe('Where that publisher came from'),
});
export const newStreamKeyWire = z.object({ id: uuid, hint: z.string(), key: z.string().describe('Shown this once; stored as a hash') });
/** A key that was made in the place of another. */
export const rotatedKeyWire = newStreamKeyWire.extend({ replaced: streamKeyWire });

/** A key in the place of another. */
export const rotateKeyBody = z.strictObject({
  graceSeconds: z
    .number()
    .int()
    .min(0)
    .max(90 * 86_400)
    .default(86_400)
    .describe('How long the old key stays valid beside the new one; 0: it is revoked at once, and who publishes with it is cut off'),
});

export type StreamKeyWire = z.output<typeof streamKeyWire>;
export type NewStreamKeyWire = z.output<typeof newStreamKeyWire>;
export type RotatedKeyWire = z.output<typeof rotatedKeyWire>;
export type RotateKeyBody = z.output<typeof rotateKeyBody>;
